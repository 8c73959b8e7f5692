import type { Vote } from './master-votes.js';
import type { MasterReport } from './sentinel-query.js';
import { type NodeAddress, formatAddress, type OtherSentinel } from './sentinel-replies.js';
import type { MasterListener } from './sentinel-watchers.js';

/** How a failover was detected: a sentinel published it (`+switch-master`), or answered a query. */
export type FailoverDetection = 'switch-master' | 'query';

export interface SentinelMonitorPorts {
  /** The master's name. */
  readonly name: string;
  /** The sentinels in the caller's options. */
  readonly sentinels: readonly NodeAddress[];
  /** Maximum number of watched sentinels. */
  readonly maxSentinels: number;
  /** Address under which a discovered sentinel is reached. Undefined if only the configured ones are watched. */
  readonly mapDiscoveredAddress: ((other: NodeAddress) => NodeAddress) | undefined;
  /** Listens to the master on the watcher of one sentinel. Returns the function that ends it. */
  readonly subscribe: (sentinel: NodeAddress, listener: MasterListener) => () => void;
  readonly onVote: (vote: Vote, detectedBy: FailoverDetection) => void;
  /** A watched sentinel has been lost. */
  readonly onLost: () => void;
  /** Each watched sentinel has answered, or cannot be reached. Called again whenever that is true after a change. */
  readonly onSettled: () => void;
}

/** Watches all sentinels of a master, including those that other sentinels report. */
export interface SentinelMonitor {
  start(): void;
  stop(): void;
}

/** A sentinel that is watched. */
interface WatchedSentinel {
  /** Whether the sentinel is in the caller's options, and was not discovered through another sentinel. */
  readonly isConfigured: boolean;
  unsubscribe: () => void;
  /** The sentinel's id, known after its first report. */
  id: string | undefined;
  /** Whether the sentinel has reported, or is known to be unreachable. */
  isSettled: boolean;
  /** The other sentinels in its last report. Empty while the sentinel cannot be reached. */
  others: readonly OtherSentinel[];
}

/** Watched sentinels by address. */
type WatchedSentinels = ReadonlyMap<string, WatchedSentinel>;

export function createSentinelMonitor(ports: SentinelMonitorPorts): SentinelMonitor {
  const { name, maxSentinels, mapDiscoveredAddress, onVote, onLost, onSettled } = ports;
  const watched = new Map<string, WatchedSentinel>();

  function watch(address: NodeAddress, isConfigured: boolean): void {
    const key = formatAddress(address);
    if (watched.has(key) || watched.size >= maxSentinels) return;
    const sentinel = createWatchedSentinel(isConfigured);
    watched.set(key, sentinel);
    sentinel.unsubscribe = ports.subscribe(address, {
      name,
      onSwitch: (master, from) => onVote({ sentinel: key, master, from, epoch: undefined }, 'switch-master'),
      onReport: (report) => handleReport(key, sentinel, report),
      onUnreachable: () => handleLoss(key, sentinel),
    });
  }

  function watchDiscovered(): void {
    if (!mapDiscoveredAddress) return;
    for (const { address } of unwatchedIn(watched)) watch(mapDiscoveredAddress(address), false);
  }

  function unwatch(key: string): void {
    const sentinel = watched.get(key);
    watched.delete(key);
    sentinel?.unsubscribe();
  }

  function handleReport(key: string, sentinel: WatchedSentinel, report: MasterReport): void {
    if (watched.get(key) !== sentinel) return;
    const { master, epoch, id, others } = report;
    Object.assign(sentinel, { id, others, isSettled: true });
    onVote({ sentinel: key, master, epoch }, 'query');
    const duplicate = duplicateIn(watched, key, sentinel);
    if (duplicate !== undefined) unwatch(duplicate);
    watchDiscovered();
    if (areSettled(watched)) onSettled();
  }

  /** Stops watching a lost sentinel that no other one reports: after a move, as of a container, it never returns. */
  function handleLoss(key: string, sentinel: WatchedSentinel): void {
    if (watched.get(key) !== sentinel) return;
    onLost();
    Object.assign(sentinel, { others: [], isSettled: true });
    const isReported = reportedIn(watched).some(
      ({ address }) => mapDiscoveredAddress && formatAddress(mapDiscoveredAddress(address)) === key,
    );
    if (!sentinel.isConfigured && !isReported) unwatch(key);
    watchDiscovered();
    if (areSettled(watched)) onSettled();
  }

  return {
    start: () => ports.sentinels.forEach((address) => watch(address, true)),
    stop: () => [...watched.keys()].forEach(unwatch),
  };
}

function createWatchedSentinel(isConfigured: boolean): WatchedSentinel {
  return { isConfigured, unsubscribe: () => undefined, id: undefined, isSettled: false, others: [] };
}

function areSettled(watched: WatchedSentinels): boolean {
  return [...watched.values()].every(({ isSettled }) => isSettled);
}

/** All sentinels that the watched ones report. */
function reportedIn(watched: WatchedSentinels): OtherSentinel[] {
  return [...watched.values()].flatMap(({ others }) => others);
}

/**
 * Reported sentinels that are not watched under any address. Empty until all watched sentinels are settled, because
 * their ids are needed to tell which ones are watched already.
 */
function unwatchedIn(watched: WatchedSentinels): OtherSentinel[] {
  if (!areSettled(watched)) return [];
  const watchedIds = new Set([...watched.values()].map(({ id }) => id));
  return reportedIn(watched).filter(({ id }) => id === undefined || !watchedIds.has(id));
}

/**
 * Address to stop watching if one sentinel is watched under two addresses, such as `localhost` and 127.0.0.1. A
 * configured address is kept.
 */
function duplicateIn(
  watched: WatchedSentinels,
  key: string,
  { isConfigured, id }: WatchedSentinel,
): string | undefined {
  const twin = [...watched].find(
    ([other, { id: otherId }]) => other !== key && id !== undefined && otherId === id,
  );
  return twin && (isConfigured && !twin[1].isConfigured ? twin[0] : key);
}
