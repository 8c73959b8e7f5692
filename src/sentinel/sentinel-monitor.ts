import type { Vote } from './master-votes.js';
import type { MasterReport } from './sentinel-query.js';
import { type NodeAddress, formatAddress, type OtherSentinel } from './sentinel-replies.js';
import type { Follower } from './sentinel-watchers.js';

/** How a failover was learned: a sentinel told of it, or was asked. */
export type Learned = 'switch-master' | 'asked';

export interface SentinelMonitorPorts {
  /** The name of the master. */
  readonly name: string;
  /** Those that the caller gave. */
  readonly sentinels: readonly NodeAddress[];
  /** So many are watched at most. */
  readonly limit: number;
  /** Whether those that the sentinels tell of are watched too, and under which address. */
  readonly reach: ((other: NodeAddress) => NodeAddress) | undefined;
  /** Follows the master over the watcher of one sentinel. Gives the function that ends it. */
  readonly follow: (sentinel: NodeAddress, follower: Follower) => () => void;
  readonly hear: (statement: Vote, learned: Learned) => void;
}

/** Follows a master over all of its sentinels. */
export interface SentinelMonitor {
  start(): void;
  stop(): void;
}

/** One sentinel that is watched. */
interface Post {
  /** By the caller, and not told of by another sentinel. */
  readonly isGiven: boolean;
  leave: () => void;
  /** Which sentinel it is, once it has told. */
  id: string | undefined;
  /** Whether it has told, or cannot be reached now. */
  isSettled: boolean;
  /** The others that it told of last. Nothing while it cannot be reached. */
  told: readonly OtherSentinel[];
}

type Posts = ReadonlyMap<string, Post>;

/** All that are told of. */
function othersOf(posts: Posts): OtherSentinel[] {
  return [...posts.values()].flatMap(({ told }) => told);
}

/** Those that are told of and not watched yet, under whatever name. Known only when all that are watched have told. */
function missingIn(posts: Posts): OtherSentinel[] {
  const all = [...posts.values()];
  if (all.some(({ isSettled }) => !isSettled)) return [];
  const known = new Set(all.map(({ id }) => id));
  return othersOf(posts).filter(({ id }) => id === undefined || !known.has(id));
}

/** The same sentinel may have two names, `localhost` and 127.0.0.1. The one to give up: a given one is kept. */
function superfluousIn(posts: Posts, key: string, { isGiven, id }: Post): string | undefined {
  const twin = [...posts].find(([other, post]) => other !== key && id !== undefined && post.id === id);
  return twin && (isGiven && !twin[1].isGiven ? twin[0] : key);
}

export function createSentinelMonitor({
  name,
  sentinels,
  limit,
  reach,
  follow,
  hear,
}: SentinelMonitorPorts): SentinelMonitor {
  const posts = new Map<string, Post>();

  function man(sentinel: NodeAddress, isGiven: boolean): void {
    const key = formatAddress(sentinel);
    if (posts.has(key) || posts.size >= limit) return;
    const post: Post = { isGiven, leave: () => undefined, id: undefined, isSettled: false, told: [] };
    posts.set(key, post);
    post.leave = follow(sentinel, {
      name,
      onSwitch: (master) => hear({ sentinel: key, master, epoch: undefined }, 'switch-master'),
      onReport: (report) => receive(key, post, report),
      onUnreachable: () => lose(key, post),
    });
  }

  function manOthers(): void {
    if (reach) missingIn(posts).forEach(({ address }) => man(reach(address), false));
  }

  function dismiss(key: string): void {
    const post = posts.get(key);
    posts.delete(key);
    post?.leave();
  }

  function receive(key: string, post: Post, { master, epoch, id, others }: MasterReport): void {
    if (posts.get(key) !== post) return;
    Object.assign(post, { id, told: others, isSettled: true });
    hear({ sentinel: key, master, epoch }, 'asked');
    const superfluous = superfluousIn(posts, key, post);
    if (superfluous !== undefined) dismiss(superfluous);
    manOthers();
  }

  /** Where sentinels move, as containers do, those of before are not dialled for ever. */
  function lose(key: string, post: Post): void {
    if (posts.get(key) !== post) return;
    Object.assign(post, { told: [], isSettled: true });
    const isToldOf = othersOf(posts).some(({ address }) => reach && formatAddress(reach(address)) === key);
    if (!post.isGiven && !isToldOf) dismiss(key);
    manOthers();
  }

  return {
    start: () => sentinels.forEach((sentinel) => man(sentinel, true)),
    stop: () => [...posts.keys()].forEach(dismiss),
  };
}
