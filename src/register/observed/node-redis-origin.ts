import type { NodeRedisGroup } from '../detect-clients.js';
import { withName } from '../name-clients.js';
import { closeQuietly, type ObservedEntry } from './observed-connection.js';

/** Where a client comes from. */
export interface ClientOrigin {
  readonly callSite: readonly string[];
  readonly group: ClientGroup | undefined;
}

/** A pool, Cluster or Sentinel with its duplicates. They are closed as a whole: one that goes on would dial again. */
export interface ClientGroup {
  readonly owners: Set<NodeRedisGroup>;
  /** The connection that stands for the group in the clients of its line. */
  counted: ObservedEntry | undefined;
  isClosing: boolean;
}

/** Key of the origin in the options of a client, which node-redis copies to all clients that it makes of them. */
const ORIGIN = Symbol('redis-hygiene.origin');

export function originOf(options: object | undefined): ClientOrigin | undefined {
  return (options as { readonly [ORIGIN]?: ClientOrigin } | undefined)?.[ORIGIN];
}

/** Adds an origin to options. */
export function withOrigin(options: object | undefined, origin: ClientOrigin): object {
  return { ...options, [ORIGIN]: origin };
}

/** Adds an origin and a name to options. */
export function markOptions(options: object | undefined, origin: ClientOrigin): object {
  return withOrigin(withName(options, 'name', 'node-redis'), origin);
}

/** Closes a group once its commands have been answered. Further calls do nothing. */
export function closeGroup(group: ClientGroup): void {
  if (group.isClosing) return;
  group.isClosing = true;
  for (const owner of group.owners) closeQuietly(() => (owner.close ?? owner.quit)?.call(owner));
}
