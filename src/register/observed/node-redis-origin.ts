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
  /** Held weakly: the options of the original lead to the group, and its duplicates would never be collected. */
  readonly owners: Set<WeakRef<NodeRedisGroup>>;
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
  for (const owner of ownersOf(group)) closeQuietly(() => (owner.close ?? owner.quit)?.call(owner));
}

/** Adds a pool, Cluster or Sentinel to its group, and forgets those that are gone. */
export function addOwner(group: ClientGroup, owner: NodeRedisGroup): void {
  for (const reference of group.owners) if (!reference.deref()) group.owners.delete(reference);
  group.owners.add(new WeakRef(owner));
}

function ownersOf({ owners }: ClientGroup): NodeRedisGroup[] {
  return [...owners].map((reference) => reference.deref()).filter((owner) => owner !== undefined);
}
