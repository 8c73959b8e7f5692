import { type Clock, systemClock } from '../core/clock.js';
import { processWide } from '../core/process-wide.js';
import { SubscriptionEngine, type SubscriptionEnginePorts } from '../subscriber/subscription-engine.js';
import { askForMaster, type SentinelCall, type MasterReport } from './sentinel-query.js';
import type { NodeAddress } from './sentinel-replies.js';

/** One way to a sentinel, as a factory goes it. */
export interface SentinelAccess extends Pick<SubscriptionEnginePorts, 'open' | 'bounds'> {
  /** The same for everyone who reaches the same sentinel with the same credentials. */
  readonly key: string;
  /** The same object for all ways of a factory. */
  readonly factory: object;
  /** False once the factory shuts down. */
  readonly isOpen: () => boolean;
}

/** The watchers of a process: one for each sentinel, however many follow it. */
export interface SentinelWatchers {
  /** Follows a master over this sentinel's watcher. Gives the function that ends it. */
  follow(access: SentinelAccess, follower: Follower): () => void;
}

/** A watcher, and who follows it over which access. */
interface Shared {
  watcher: SentinelWatcher | undefined;
  /** The one it watches over: its factory has the connection in the ledger. */
  access: SentinelAccess | undefined;
  readonly followers: Map<Follower, SentinelAccess>;
}

export function createSentinelWatchers(clock: Clock): SentinelWatchers {
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
  function takeOver(one: Shared, ended: SentinelAccess): void {
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
export const processSentinelWatchers = processWide('watchers', () => createSentinelWatchers(systemClock));

/** Somebody who follows one master. */
export interface Follower {
  /** The master's name. */
  readonly name: string;
  /** The sentinel was asked. */
  readonly onReport: (report: MasterReport) => void;
  /** It told of a failover by itself. */
  readonly onSwitch: (to: NodeAddress) => void;
  /** It cannot be reached just now. */
  readonly onUnreachable: () => void;
}

/** A connection to one sentinel that hears of failovers. */
export interface SentinelWatcher {
  /** Asks now, for all that are followed. */
  ask(): void;
  close(): void;
}

const SWITCH = '+switch-master';

/** How often the sentinel is asked, should its message have been lost. */
const ASK_MS = 10_000;

/** `name old-ip old-port new-ip new-port` */
function readSwitch(message: string): { readonly name: string | undefined; readonly to: NodeAddress } {
  const [name, , , host = '', port] = message.split(' ');
  return { name, to: { host, port: Number(port) } };
}

/** Watches one sentinel for these followers, until it is closed or its connection gives up. */
export function watchSentinel(
  ports: SubscriptionEnginePorts,
  followers: () => readonly Follower[],
  onClosed: () => void,
): SentinelWatcher {
  const { clock } = ports;
  let timer: ReturnType<Clock['after']> | undefined;
  const renew = () => void engine.renew();
  const following = (name: string | undefined) => followers().filter((one) => one.name === name);

  /** Each name is asked for once, whoever follows it. */
  function askAll(call: SentinelCall): void {
    timer?.cancel();
    timer = clock.after(ASK_MS, renew);
    for (const name of new Set(followers().map((follower) => follower.name))) {
      const tell = (report: MasterReport) => following(name).forEach(({ onReport }) => onReport(report));
      // Refused, or broken, which is told elsewhere; a natMap that throws is told to clients that search.
      void askForMaster(call, name)
        .then(tell)
        .catch(() => undefined);
    }
  }

  function hear(message: string): void {
    const { name, to } = readSwitch(message);
    following(name).forEach(({ onSwitch }) => onSwitch(to));
    renew();
  }

  const engine = new SubscriptionEngine(ports, {
    onUp: askAll,
    onReady: () => undefined,
    onMessage: ({ message }) => hear(message.toString()),
    onGap: () => undefined,
    onRedial: () => followers().forEach(({ onUnreachable }) => onUnreachable()),
    onError: () => undefined,
    onClosed() {
      timer?.cancel();
      onClosed();
    },
  });
  engine.subscribe('channel', [SWITCH]).catch(() => undefined); // refused: asking has to do
  return { ask: renew, close: () => void engine.close() };
}
