import { systemClock, type Clock } from '../core/clock.js';
import type { EnginePorts } from '../subscriber/engine.js';
import { watchSentinel, type Follower, type Watcher } from './watcher.js';

/** One way to a sentinel, as a factory goes it. */
export interface Access extends Pick<EnginePorts, 'open' | 'bounds'> {
  /** The same for everyone who reaches the same sentinel with the same credentials. */
  readonly key: string;
  /** False once the factory shuts down. */
  readonly isOpen: () => boolean;
}

/** The watchers of a process: one for each sentinel, however many follow it. */
export interface Watchers {
  /** Follows a master over this sentinel's watcher. Gives the function that ends it. */
  follow(access: Access, follower: Follower): () => void;
}

/** A watcher, and who follows it over which access. The first one's factory has its connection in the ledger. */
interface Shared {
  watcher: Watcher | undefined;
  readonly followers: Map<Follower, Access>;
}

export function createWatchers(clock: Clock): Watchers {
  const shared = new Map<string, Shared>();

  /** Watches over the first access that is open. */
  function watch(key: string, { followers }: Shared): Watcher | undefined {
    const access = [...followers.values()].find(({ isOpen }) => isOpen());
    if (!access) return undefined;
    return watchSentinel(
      { clock, ...access },
      () => [...followers.keys()],
      () => takeOver(key, access),
    );
  }

  /** Where a factory shuts down, the next one's access takes over. A watcher that was told to give up does not come back. */
  function takeOver(key: string, ended: Access): void {
    const one = shared.get(key);
    if (!one) return;
    one.watcher = ended.isOpen() ? undefined : watch(key, one);
    if (!one.watcher) [...one.followers.keys()].forEach(({ onUnreachable }) => onUnreachable());
  }

  function leave(key: string, follower: Follower): void {
    const one = shared.get(key);
    if (!one?.followers.delete(follower) || one.followers.size > 0) return;
    shared.delete(key);
    one.watcher?.close();
  }

  return {
    follow(access, follower) {
      const one = shared.get(access.key) ?? { watcher: undefined, followers: new Map() };
      shared.set(access.key, one);
      one.followers.set(follower, access);
      if (one.watcher) one.watcher.ask();
      else one.watcher = watch(access.key, one);
      return () => leave(access.key, follower);
    },
  };
}

/** Those of this process, for all factories. */
export const processWatchers = createWatchers(systemClock);
