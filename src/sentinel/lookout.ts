import { formatAddress, type Address } from './address.js';
import type { MasterReport } from './master.js';
import type { Statement } from './opinions.js';
import type { OtherSentinel } from './replies.js';
import type { Follower } from './watcher.js';

/** How a failover was learned: a sentinel told of it, or was asked. */
export type Learned = 'switch-master' | 'asked';

export interface LookoutPorts {
  /** The name of the master. */
  readonly name: string;
  /** Those that the caller gave. */
  readonly sentinels: readonly Address[];
  /** So many are watched at most. */
  readonly limit: number;
  /** Whether those that the sentinels tell of are watched too, and under which address. */
  readonly reach: ((other: Address) => Address) | undefined;
  /** Follows the master over the watcher of one sentinel. Gives the function that ends it. */
  readonly follow: (sentinel: Address, follower: Follower) => () => void;
  readonly hear: (statement: Statement, learned: Learned) => void;
}

/** Follows a master over all of its sentinels. */
export interface Lookout {
  start(): void;
  stop(): void;
}

/** One sentinel that is watched. */
interface Post {
  leave: () => void;
  /** Which sentinel it is, once it has told. */
  id: string | undefined;
  /** Whether it has told, or cannot be reached now. */
  isSettled: boolean;
}

export function createLookout({ name, sentinels, limit, reach, follow, hear }: LookoutPorts): Lookout {
  const posts = new Map<string, Post>();
  /** Other names of sentinels that are watched already: `localhost` for 127.0.0.1. */
  const aliases = new Set<string>();
  const others = new Map<string, OtherSentinel>();

  function man(sentinel: Address): void {
    const key = formatAddress(sentinel);
    if (posts.has(key) || aliases.has(key) || posts.size >= limit) return;
    const post: Post = { leave: () => undefined, id: undefined, isSettled: false };
    posts.set(key, post);
    post.leave = follow(sentinel, {
      name,
      onSwitch: (master) => hear({ sentinel: key, master, epoch: undefined }, 'switch-master'),
      onReport: (report) => receive(key, post, report),
      onUnreachable: () => settle(post),
    });
  }

  function receive(key: string, post: Post, { master, epoch, id, others: told }: MasterReport): void {
    if (posts.get(key) !== post) return;
    post.id = id;
    if (id !== undefined && [...posts.values()].some((one) => one !== post && one.id === id)) {
      aliases.add(key);
      posts.delete(key);
      post.leave();
    }
    told.forEach((other) => others.set(formatAddress(other.address), other));
    settle(post);
    hear({ sentinel: key, master, epoch }, 'asked');
  }

  /** Those that were told of wait until it is known which ones are watched already, under whatever name. */
  function settle(post: Post): void {
    post.isSettled = true;
    const all = [...posts.values()];
    if (!reach || all.some(({ isSettled }) => !isSettled)) return;
    const known = new Set(all.map(({ id }) => id));
    [...others.values()]
      .filter(({ id }) => id === undefined || !known.has(id))
      .forEach(({ address }) => man(reach(address)));
  }

  return {
    start: () => sentinels.forEach(man),
    stop() {
      posts.forEach(({ leave }) => leave());
      posts.clear();
    },
  };
}
