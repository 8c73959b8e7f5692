import type { RedisOptions } from 'ioredis';
import { HygieneError } from '../core/errors.js';
import { interned } from '../core/process-wide.js';
import { redact, REDACTED } from '../core/redact.js';
import {
  DEFAULT_ROLE,
  formatConnectionName,
  heartbeatRoles,
  LIBRARY_NAME,
  LIBRARY_ROLE,
  parseConnectionName,
  sanitizePart,
} from '../identity/connection-name.js';
import type { Identity } from '../identity/detect-identity.js';
import { checkSentinels } from './check-options.js';
import { applyPolicy, type PolicyOverride, policyTable } from './policy.js';
import type { Settings } from './settings.js';

/** The options that one connection will really have, and which of the caller's values gave way. */
export interface ResolvedOptions {
  readonly options: RedisOptions;
  readonly overrides: readonly PolicyOverride[];
}

function isBlank(name: unknown): name is '' | null | undefined {
  return name === undefined || name === null || name === '';
}

/** What a connection of this name is for. A foreign name is its own role, that of a library the library's. */
export function roleOfName(name: string): string {
  return LIBRARY_NAME.exec(name)?.[1] ?? parseConnectionName(name)?.role ?? sanitizePart(name);
}

/** The name to use: ours, unless a library finds its connections by the one it gave. */
function nameConnection(
  { connectionName: own, monitor }: RedisOptions,
  identity: Identity,
  role?: string,
): string {
  if (!isBlank(own) && LIBRARY_NAME.test(own)) return own.replace(/[^!-~]/gu, '-');
  const asked = monitor ? 'monitor' : role;
  return formatConnectionName({
    ...identity,
    role: asked ?? (isBlank(own) ? DEFAULT_ROLE : roleOfName(own)),
  });
}

/** Where options lead, as a URL without credentials. */
export function describeTarget({ path, sentinels, name, host, port, tls }: RedisOptions): string {
  // A whole URL in one of these is a mistake that ioredis will tell of; its password is none of the ledger's.
  if (sentinels) return `sentinel://${redact(name ?? '')}`;
  if (path) return `unix://${redact(path)}`;
  const address = redact(host ?? 'localhost').replace(/^.*@/, `${REDACTED}@`);
  return `${tls ? 'rediss' : 'redis'}://${address.includes(':') ? `[${address}]` : address}:${port ?? 6379}`;
}

function isOwn(name: string, { service, host }: Identity): boolean {
  const parts = parseConnectionName(name);
  return parts?.service === service && parts.host === host;
}

/** A name that gave way, unless it was one of ours that came back through `duplicate()`. */
function nameOverride(given: string | null | undefined, used: string, identity: Identity): PolicyOverride[] {
  if (isBlank(given) || given === used || isOwn(given, identity)) return [];
  return [{ option: 'connectionName', given, used, why: policyTable.connectionName.why }];
}

/**
 * Turns a caller's ioredis options into those of a named, bounded connection.
 *
 * @param role What the connection is for, where the caller said so by other means than `connectionName`.
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
  const name = interned(nameConnection(given, identity, role));
  // Elsewhere it would be one option more on every client.
  const sentinels = given.sentinels ? { failoverDetector: given.failoverDetector ?? true } : {};
  return {
    options: { ...enforced, ...sentinels, connectionName: name },
    overrides: [...overrides, ...nameOverride(given.connectionName, name, identity)],
  };
}

/**
 * The role of clients that a library builds from `options()`. Nobody pings those, so a role that stands for a heartbeat
 * would let their silence pass for death.
 *
 * @throws HygieneError `HYG_OPTION_RANGE`
 */
export function libraryRole(asked: string | undefined): string {
  if (asked === undefined || !heartbeatRoles.has(asked)) return asked ?? LIBRARY_ROLE;
  const what = `options() was asked for the role "${asked}", which stands for a connection with a heartbeat.`;
  throw new HygieneError('HYG_OPTION_RANGE', `${what} Expected a word of your own, such as "queue".`, {
    details: { option: 'role', role: asked, reserved: [...heartbeatRoles] },
  });
}
