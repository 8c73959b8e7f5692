import { type Clock, systemClock } from '../core/clock.js';
import { processWide } from '../core/process-wide.js';
import { SubscriptionEngine, type SubscriptionEnginePorts } from '../subscriber/subscription-engine.js';
import { type MasterReport, queryMaster, type SentinelCall } from './sentinel-query.js';
import type { NodeAddress } from './sentinel-replies.js';

/** Receives what a watched sentinel says about one master. */
export interface MasterListener {
  /** The master's name. */
  readonly name: string;
  /** The sentinel has answered a query. */
  readonly onReport: (report: MasterReport) => void;
  /** The sentinel has published a failover (`+switch-master`). */
  readonly onSwitch: (to: NodeAddress, from: NodeAddress) => void;
  /** The sentinel cannot be reached at the moment. */
  readonly onUnreachable: () => void;
}

/** How one factory reaches a sentinel. */
export interface SentinelAccess extends Pick<SubscriptionEnginePorts, 'open' | 'bounds'> {
  /** Equal for the same sentinel with the same credentials, also across factories. */
  readonly key: string;
  /** Identifies the factory: the same object in each access of one factory. */
  readonly factory: object;
  /** False once the factory shuts down. */
  readonly isOpen: () => boolean;
}

/** The watchers of a process: one per sentinel, shared by all clients and factories. */
export interface SentinelWatchers {
  /** Listens to one master on the watcher of a sentinel. Returns the function that ends it. */
  subscribe(access: SentinelAccess, listener: MasterListener): () => void;
}

/** The watcher of one sentinel, and the listeners with the access that each of them brought. */
interface SharedWatcher {
  watcher: SentinelWatcher | undefined;
  /** The access that the watcher uses. The connection is in the ledger of its factory. */
  access: SentinelAccess | undefined;
  readonly listeners: Map<MasterListener, SentinelAccess>;
}

export function createSentinelWatchers(clock: Clock): SentinelWatchers {
  const watchers = new Map<string, SharedWatcher>();

  /** Watches with the first access whose factory is not shut down. */
  function start(shared: SharedWatcher): void {
    const { listeners } = shared;
    const access = [...listeners.values()].find(({ isOpen }) => isOpen());
    shared.access = access;
    shared.watcher =
      access &&
      watchSentinel(
        { clock, ...access },
        () => [...listeners.keys()],
        () => replace(shared, access),
      );
  }

  /**
   * Replaces a watcher that has ended. After the shutdown of its factory, the access of another factory is used. If
   * the retry strategy gave up, there is no new watcher.
   */
  function replace(shared: SharedWatcher, ended: SentinelAccess): void {
    if (shared.access !== ended) return;
    if (ended.isOpen()) shared.watcher = undefined;
    else start(shared);
    if (!shared.watcher) [...shared.listeners.keys()].forEach(({ onUnreachable }) => onUnreachable());
  }

  /** Closes the watcher with the last listener of its factory. Listeners of other factories get a new watcher. */
  function unsubscribe(key: string, shared: SharedWatcher, listener: MasterListener): void {
    if (!shared.listeners.delete(listener)) return;
    const { watcher, access } = shared;
    if ([...shared.listeners.values()].some(({ factory }) => factory === access?.factory)) return;
    shared.access = undefined;
    watcher?.close();
    if (shared.listeners.size > 0) start(shared);
    else watchers.delete(key);
  }

  return {
    subscribe(access, listener) {
      const fresh: SharedWatcher = { watcher: undefined, access: undefined, listeners: new Map() };
      const shared = watchers.get(access.key) ?? fresh;
      watchers.set(access.key, shared);
      shared.listeners.set(listener, access);
      if (shared.watcher) shared.watcher.poll();
      else start(shared);
      return () => unsubscribe(access.key, shared, listener);
    },
  };
}

/** The watchers of this process, shared by all factories. */
export const processSentinelWatchers = processWide('sentinel watchers', () =>
  createSentinelWatchers(systemClock),
);

/** A connection to one sentinel that learns of failovers. */
export interface SentinelWatcher {
  /** Asks the sentinel now for the masters of all listeners. */
  poll(): void;
  close(): void;
}

const SWITCH_CHANNEL = '+switch-master';

/** Interval at which the sentinel is asked, in case a `+switch-master` message was lost. */
const POLL_INTERVAL_MS = 10_000;

/** Watches one sentinel for these listeners, until it is closed or its connection gives up. */
export function watchSentinel(
  ports: SubscriptionEnginePorts,
  listeners: () => readonly MasterListener[],
  onClosed: () => void,
): SentinelWatcher {
  const { clock } = ports;
  let timer: ReturnType<Clock['after']> | undefined;
  const poll = () => void engine.renew();
  const listenersOf = (name: string | undefined) => listeners().filter((listener) => listener.name === name);

  /** Asks for each name once, however many listeners it has. */
  function queryAll(call: SentinelCall): void {
    timer?.cancel();
    timer = clock.after(POLL_INTERVAL_MS, poll);
    for (const name of new Set(listeners().map((listener) => listener.name))) {
      const report = (answer: MasterReport) => listenersOf(name).forEach(({ onReport }) => onReport(answer));
      // A refusal or a broken connection is reported by the ledger; a natMap that throws, by the clients' searches.
      void queryMaster(call, name)
        .then(report)
        .catch(() => undefined);
    }
  }

  function receiveSwitch(message: string): void {
    const { name, from, to } = parseSwitch(message);
    listenersOf(name).forEach(({ onSwitch }) => onSwitch(to, from));
    poll();
  }

  const engine = new SubscriptionEngine(ports, {
    onConnected: queryAll,
    onReady: () => undefined,
    onMessage: ({ message }) => receiveSwitch(message.toString()),
    onGap: () => undefined,
    onReconnecting: () => listeners().forEach(({ onUnreachable }) => onUnreachable()),
    onError: () => undefined,
    onClosed() {
      timer?.cancel();
      onClosed();
    },
  });
  engine.subscribe('channel', [SWITCH_CHANNEL]).catch(() => undefined); // if refused, polling is left
  return { poll, close: () => void engine.close() };
}

/** Parses a `+switch-master` message: `name old-ip old-port new-ip new-port`. */
function parseSwitch(message: string) {
  const [name, oldHost = '', oldPort, host = '', port] = message.split(' ');
  const from: NodeAddress = { host: oldHost, port: Number(oldPort) };
  const to: NodeAddress = { host, port: Number(port) };
  return { name, from, to };
}
