import { type Clock, systemClock } from '../core/clock.js';
import type { EnginePorts } from '../subscriber/subscription-engine.js';
import { type Follower, type Watcher, watchSentinel } from './watcher.js';
import { processWide } from '../core/process-wide.js';

/** One way to a sentinel, as a factory goes it. */
export interface Access extends Pick<EnginePorts, 'open' | 'bounds'> {
  /** The same for everyone who reaches the same sentinel with the same credentials. */
  readonly key: string;
  /** The same object for all ways of a factory. */
  readonly factory: object;
  /** False once the factory shuts down. */
  readonly isOpen: () => boolean;
}

/** The watchers of a process: one for each sentinel, however many follow it. */
export interface Watchers {
  /** Follows a master over this sentinel's watcher. Gives the function that ends it. */
  follow(access: Access, follower: Follower): () => void;
}

/** A watcher, and who follows it over which access. */
interface Shared {
  watcher: Watcher | undefined;
  /** The one it watches over: its factory has the connection in the ledger. */
  access: Access | undefined;
  readonly followers: Map<Follower, Access>;
}

export function createWatchers(clock: Clock): Watchers {
  const shared = new Map<string, Shared>();

  /** Watches over the first access that is open. */
  function watch(one: Shared): void {
    const { followers } = one;
    const access = [...followers.values()].find(({ isOpen }) => isOpen());
    one.access = access;
    one.watcher =
      access &&
      watchSentinel(
        { clock, ...access },
        () => [...followers.keys()],
        () => takeOver(one, access),
      );
  }

  /** Where a factory shuts down, another one's access takes over. A watcher that was told to give up does not come back. */
  function takeOver(one: Shared, ended: Access): void {
    if (one.access !== ended) return;
    if (ended.isOpen()) one.watcher = undefined;
    else watch(one);
    if (!one.watcher) [...one.followers.keys()].forEach(({ onUnreachable }) => onUnreachable());
  }

  /** Ends with the last follower; with the last one of its factory another factory takes over. */
  function leave(key: string, one: Shared, follower: Follower): void {
    if (!one.followers.delete(follower)) return;
    const { watcher, access } = one;
    if ([...one.followers.values()].some(({ factory }) => factory === access?.factory)) return;
    one.access = undefined;
    watcher?.close();
    if (one.followers.size > 0) watch(one);
    else shared.delete(key);
  }

  return {
    follow(access, follower) {
      const fresh: Shared = { watcher: undefined, access: undefined, followers: new Map() };
      const one = shared.get(access.key) ?? fresh;
      shared.set(access.key, one);
      one.followers.set(follower, access);
      if (one.watcher) one.watcher.ask();
      else watch(one);
      return () => leave(access.key, one, follower);
    },
  };
}

/** Those of this process, for all factories. */
export const processWatchers = processWide('watchers', () => createWatchers(systemClock));
