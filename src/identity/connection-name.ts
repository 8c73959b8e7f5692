import { createHash } from 'node:crypto';

/** Who opened a connection, and what for. */
export interface ConnectionNameParts {
  /** The service, for example `orders`. */
  readonly service: string;
  /** The host, container or pod it runs on, for example `web-1`. */
  readonly host: string;
  /** What the connection is for. @default 'command' */
  readonly role?: string;
}

/** Longest part of a name, in characters: HOST_NAME_MAX of Linux, so a host name is never cut. */
export const MAX_PART_LENGTH = 64;

/** Redis refuses blanks, newlines and control characters in names; `@` and `#` separate our parts. */
const FORBIDDEN = /[^!-~]|[@#]/gu;

/** ioredis puts this before the name of the sockets that a Cluster opens for itself. */
const CLUSTER_PREFIX = /^ioredis-cluster\([a-z]+\):/;

/** Names by which a library finds its own connections again: they stay. */
export const LIBRARY_NAME = /^(bull):/;

const NAME = /^([^@#]+)@([^@#]+)(?:#([^@#]+))?$/;

/**
 * Makes one part of a name acceptable to every server: forbidden characters become `-`, an empty part too, and what is
 * longer than 64 characters is cut and ends in a hash, so that two long names stay two. Sanitising twice changes
 * nothing.
 */
export function sanitizePart(part: string): string {
  const clean = part.replace(FORBIDDEN, '-') || '-';
  if (clean.length <= MAX_PART_LENGTH) return clean;
  const hash = createHash('sha256').update(part, 'utf16le').digest('hex').slice(0, 8);
  return `${clean.slice(0, MAX_PART_LENGTH - hash.length - 1)}-${hash}`;
}

/**
 * The name of a connection as `CLIENT LIST` shows it: `service@host`, or `service@host#role` for any role but
 * `command`. Parts are sanitised.
 *
 * @example formatConnectionName({ service: 'orders', host: 'web-1' }) // 'orders@web-1'
 */
export function formatConnectionName({ service, host, role = DEFAULT_ROLE }: ConnectionNameParts): string {
  const owner = `${sanitizePart(service)}@${sanitizePart(host)}`;
  return role === DEFAULT_ROLE ? owner : `${owner}#${sanitizePart(role)}`;
}

/**
 * Reads a name back. Gives `undefined` for a name that `formatConnectionName` would not have made.
 * The prefix of sockets that an ioredis Cluster opens for itself is stripped first.
 */
export function parseConnectionName(name: string): Required<ConnectionNameParts> | undefined {
  const bare = name.replace(CLUSTER_PREFIX, '');
  const [, service, host, role = DEFAULT_ROLE] = NAME.exec(bare) ?? [];
  if (service === undefined || host === undefined) return undefined;
  const parts = { service, host, role };
  return formatConnectionName(parts) === bare ? parts : undefined;
}

/** The role that a name does not spell out. */
export const DEFAULT_ROLE = 'command';

/** The role of clients that a library builds from `options()`, where nobody gives them another one. */
export const LIBRARY_ROLE = 'library';

/**
 * The roles that only redis-hygiene gives, to connections that it sends a heartbeat itself. It is part of the contract of
 * names: who lists the clients of a server knows by it whose silence means something.
 */
export const heartbeatRoles: ReadonlySet<string> = new Set([
  DEFAULT_ROLE,
  'subscriber',
  'sentinel',
  'pool',
  'blocking',
  'cluster',
]);
