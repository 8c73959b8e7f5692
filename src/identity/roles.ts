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
