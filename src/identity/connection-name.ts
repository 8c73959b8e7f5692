import { createHash } from 'node:crypto';

/** The parts of a connection name: who opened a connection, and what for. */
export interface ConnectionNameParts {
  /** The service, for example `orders`. */
  readonly service: string;
  /** The host, container or pod on which the service runs, for example `web-1`. */
  readonly host: string;
  /** What the connection is for. @default 'command' */
  readonly role?: string;
}

/** The role of a connection whose name has no role part. */
export const DEFAULT_ROLE = 'command';

/** The default role of clients that a library builds from `options()`. */
export const LIBRARY_ROLE = 'library';

/**
 * The roles of connections to which redis-hygiene sends a heartbeat. No other connection may have one of them, because the
 * doctor concludes from these roles that a silent connection is dead.
 */
export const heartbeatRoles: ReadonlySet<string> = new Set([
  DEFAULT_ROLE,
  'subscriber',
  'sentinel',
  'pool',
  'blocking',
  'cluster',
]);

/** Prefix of names by which a library finds its own connections. Such names are kept as they are. */
export const LIBRARY_NAME_PREFIX = /^(bull):/;

/** Maximum length of one part, in characters: HOST_NAME_MAX of Linux, so a host name is never cut. */
export const MAX_PART_LENGTH = 64;

/** Redis refuses blanks, newlines and control characters in names; `@` and `#` separate the parts. */
const FORBIDDEN_CHARACTER = /[^!-~]|[@#]/gu;

/** Prefix that ioredis adds to the names of the sockets that a Cluster opens for itself. */
const CLUSTER_PREFIX = /^ioredis-cluster\([a-z]+\):/;

const NAME_FORMAT = /^([^@#]+)@([^@#]+)(?:#([^@#]+))?$/;

/**
 * The name of a connection as `CLIENT LIST` shows it: `service@host`, or `service@host#role` for any role but
 * `command`. The parts are sanitised.
 *
 * @example formatConnectionName({ service: 'orders', host: 'web-1' }) // 'orders@web-1'
 */
export function formatConnectionName({ service, host, role = DEFAULT_ROLE }: ConnectionNameParts): string {
  const owner = `${sanitizePart(service)}@${sanitizePart(host)}`;
  return role === DEFAULT_ROLE ? owner : `${owner}#${sanitizePart(role)}`;
}

/**
 * Parses a connection name. Returns `undefined` for a name that `formatConnectionName` cannot have made.
 * The prefix of sockets that an ioredis Cluster opens for itself is removed first.
 */
export function parseConnectionName(name: string): Required<ConnectionNameParts> | undefined {
  const unprefixed = name.replace(CLUSTER_PREFIX, '');
  const [, service, host, role = DEFAULT_ROLE] = NAME_FORMAT.exec(unprefixed) ?? [];
  if (service === undefined || host === undefined) return undefined;
  const parts = { service, host, role };
  return formatConnectionName(parts) === unprefixed ? parts : undefined;
}

/** The name for a connection without a heartbeat: a role that promises one becomes `library`, any other name stays. */
export function withoutHeartbeatRole(name: string): string {
  const parts = parseConnectionName(name);
  if (!parts || !heartbeatRoles.has(parts.role)) return name;
  const [clusterPrefix = ''] = CLUSTER_PREFIX.exec(name) ?? [];
  return clusterPrefix + formatConnectionName({ ...parts, role: LIBRARY_ROLE });
}

/**
 * Makes one part of a name acceptable to every server. Forbidden characters become `-`, and so does an empty part. A part
 * longer than 64 characters is cut and ends in a hash, so that two long names remain different. Sanitising twice
 * has the same result as sanitising once.
 */
export function sanitizePart(part: string): string {
  const clean = part.replace(FORBIDDEN_CHARACTER, '-') || '-';
  if (clean.length <= MAX_PART_LENGTH) return clean;
  const hash = createHash('sha256').update(part, 'utf16le').digest('hex').slice(0, 8);
  return `${clean.slice(0, MAX_PART_LENGTH - hash.length - 1)}-${hash}`;
}
