import type { RedisOptions } from 'ioredis';
import { HygieneError } from '../core/errors.js';
import { intern } from '../core/process-wide.js';
import { redact, REDACTED } from '../core/redact.js';
import {
  DEFAULT_ROLE,
  formatConnectionName,
  heartbeatRoles,
  LIBRARY_NAME_PREFIX,
  LIBRARY_ROLE,
  parseConnectionName,
  sanitizePart,
} from '../identity/connection-name.js';
import type { Identity } from '../identity/detect-identity.js';
import { checkSentinels } from './check-options.js';
import { applyPolicy, type PolicyOverride, policyTable } from './policy.js';
import type { Settings } from './settings.js';

/** The options that a connection is opened with, and the values of the caller that were overridden. */
export interface ResolvedOptions {
  readonly options: RedisOptions;
  readonly overrides: readonly PolicyOverride[];
  /** Why the mode `enforce` would refuse the options. Given in the mode `observe` only. */
  readonly refusal?: HygieneError | undefined;
}

/**
 * Names a caller's ioredis options and changes nothing else, for the mode `observe`. The overrides are those that the mode
 * `enforce` would make.
 */
export function observeOptions(
  given: RedisOptions,
  identity: Identity,
  settings: Settings,
  role?: string,
): ResolvedOptions {
  const options = { ...given, connectionName: intern(formatName(given, identity, role)) };
  try {
    return { options, overrides: resolveOptions(given, identity, settings, role).overrides };
  } catch (error) {
    if (error instanceof HygieneError) return { options, overrides: [], refusal: error };
    throw error;
  }
}

/**
 * Turns a caller's ioredis options into those of a named, bounded connection.
 *
 * @param role What the connection is for, if the caller did not say so with `connectionName`.
 * @throws HygieneError `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function resolveOptions(
  given: RedisOptions,
  identity: Identity,
  settings: Settings,
  role?: string,
): ResolvedOptions {
  checkSentinels(given);
  const { enforced, overrides } = applyPolicy({ ...given }, settings);
  const name = intern(formatName(given, identity, role));
  // Set for clients of sentinels only, to keep the options of all other clients small.
  const sentinelDefaults = given.sentinels ? { failoverDetector: given.failoverDetector ?? true } : {};
  return {
    options: { ...enforced, ...sentinelDefaults, connectionName: name },
    overrides: [...overrides, ...nameOverride(given.connectionName, name, identity)],
  };
}

/**
 * The role of clients that a library builds from `options()`. These clients send no heartbeat. A role that stands for a
 * heartbeat is refused, because the doctor would take such a client for dead as soon as it is silent.
 *
 * @throws HygieneError `HYG_OPTION_RANGE`
 */
export function resolveLibraryRole(role: string | undefined): string {
  if (role === undefined || !heartbeatRoles.has(role)) return role ?? LIBRARY_ROLE;
  throw new HygieneError(
    'HYG_OPTION_RANGE',
    `The role "${role}" of options() is reserved for connections with a heartbeat. Expected another word, such as "queue".`,
    { details: { option: 'role', role, reserved: [...heartbeatRoles] } },
  );
}

/** The role in a connection name. A foreign name is its own role; a library's name has the role of that library. */
export function roleOfName(name: string): string {
  return LIBRARY_NAME_PREFIX.exec(name)?.[1] ?? parseConnectionName(name)?.role ?? sanitizePart(name);
}

/** The server in options, as a URL without credentials. */
export function describeTarget({ path, sentinels, name, host, port, tls }: RedisOptions): string {
  // A whole URL in `name`, `path` or `host` is a mistake that ioredis reports. Its password must not enter the ledger.
  if (sentinels) return `sentinel://${redact(name ?? '')}`;
  if (path) return `unix://${redact(path)}`;
  const address = redact(host ?? 'localhost').replace(/^.*@/, `${REDACTED}@`);
  return `${tls ? 'rediss' : 'redis'}://${address.includes(':') ? `[${address}]` : address}:${port ?? 6379}`;
}

/** The name of a connection. A name by which a library finds its connections again is kept. */
function formatName({ connectionName, monitor }: RedisOptions, identity: Identity, role?: string): string {
  if (!isBlank(connectionName) && LIBRARY_NAME_PREFIX.test(connectionName)) {
    return connectionName.replace(/[^!-~]/gu, '-');
  }
  const knownRole = monitor ? 'monitor' : role;
  return formatConnectionName({
    ...identity,
    role: knownRole ?? (isBlank(connectionName) ? DEFAULT_ROLE : roleOfName(connectionName)),
  });
}

/** The override of the caller's name. A name of this factory, copied by `duplicate()`, is not reported. */
function nameOverride(given: string | null | undefined, used: string, identity: Identity): PolicyOverride[] {
  if (isBlank(given) || given === used || isOwnName(given, identity)) return [];
  return [{ option: 'connectionName', given, used, why: policyTable.connectionName.why }];
}

function isBlank(name: unknown): name is '' | null | undefined {
  return name === undefined || name === null || name === '';
}

function isOwnName(name: string, { service, host }: Identity): boolean {
  const parts = parseConnectionName(name);
  return parts?.service === service && parts.host === host;
}
