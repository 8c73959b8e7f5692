import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { type BackoffBounds, fullJitter } from '../../core/backoff.js';
import type { Clock } from '../../core/clock.js';
import { clusterInternals, type SubscribingClient } from '../ioredis/internals.js';

export interface ClusterSubscriberPorts {
  readonly clock: Clock;
  readonly backoff: LossBackoff;
  /** Returns false once shutdown() has begun. */
  readonly isOpen: () => boolean;
  /** Constructs an enforced client with these options that does not dial yet. */
  readonly open: (options: RedisOptions) => Redis;
}

interface Channels {
  readonly subscribe: readonly string[];
  readonly psubscribe: readonly string[];
}

/** The client with which the Cluster subscribes, until it is lost or its node leaves. */
interface NodeSubscriber {
  readonly client: Redis;
  /** Host and port of its node. */
  readonly nodeKey: string;
  /** Whether all channels are subscribed again. From then on the client's own set tells what is desired. */
  isRestored: boolean;
}

/**
 * Replaces how ioredis' Cluster subscribes: the client that ioredis makes has no enforced connector, so it would not be
 * in the ledger, would have no keepalive, and would never be found half-open. As in ioredis, one client subscribes for
 * the whole Cluster, at any of its nodes; when it is lost or its node leaves, another client takes over all channels at
 * another node. Unlike in ioredis, channels stay desired until they are unsubscribed, and consecutive losses are followed
 * by backoff.
 */
export function keepSubscribed(
  cluster: Cluster,
  { clock, backoff, isOpen, open }: ClusterSubscriberPorts,
): void {
  const internals = clusterInternals(cluster).subscriber;
  const selector = createNodeSelector(cluster, clock);
  let desired: Channels = { subscribe: [], psubscribe: [] };
  let current: NodeSubscriber | undefined;
  let timer: ReturnType<Clock['after']> | undefined;

  function leaveCurrent(): void {
    timer?.cancel();
    if (!current) return;
    const { client, isRestored } = current;
    current = undefined;
    desired = isRestored ? channelsOf(client) : union(desired, channelsOf(client));
    client.disconnect();
  }

  /** Selects a node. The client dials when a channel is subscribed, by `restore` or by the application. */
  function select(delayMs = 0): void {
    leaveCurrent();
    const node = selector.next();
    internals.subscriber = null;
    if (!node) return; // the Cluster calls again when it has found a node
    const client = open(keptOptions(node));
    const selected: NodeSubscriber = { client, nodeKey: nodeKeyOf(node), isRestored: isEmpty(desired) };
    current = selected;
    internals.subscriber = client;
    relayEvents(client, cluster, () => selected === current);
    client.once('end', () => handleLoss(selected));
    if (selected.isRestored) return;
    if (delayMs === 0) subscribe(selected);
    else timer = clock.after(delayMs, () => subscribe(selected));
  }

  function subscribe(subscriber: NodeSubscriber): void {
    // Another node may accept what this one refuses. A connection that breaks ends by itself.
    const onRefused = () => subscriber.client.disconnect();
    restore(subscriber, desired).then(() => void (subscriber.isRestored = true), onRefused);
  }

  function handleLoss(subscriber: NodeSubscriber): void {
    if (subscriber !== current || !internals.isStarted() || !isOpen()) return;
    selector.markLost(subscriber.nodeKey);
    select(backoff.nextDelayMs());
  }

  const selectSubscriber = () => select();
  Object.defineProperty(internals, 'selectSubscriber', {
    value: selectSubscriber,
    configurable: true,
    writable: true,
  });
}

/**
 * Selects the nodes to subscribe at. A node whose subscriber was lost is not selected again before all others have been
 * tried. Nodes that are ready are preferred to nodes that may be dead.
 */
function createNodeSelector(cluster: Cluster, clock: Clock) {
  const lostKeys = new Set<string>();
  return {
    markLost: (nodeKey: string) => void lostKeys.add(nodeKey),
    next(): Redis | undefined {
      const nodes = cluster.nodes();
      if (nodes.every((node) => lostKeys.has(nodeKeyOf(node)))) lostKeys.clear();
      const untried = nodes.filter((node) => !lostKeys.has(nodeKeyOf(node)));
      const ready = untried.filter(({ status }) => status === 'ready');
      return pickOne(ready.length > 0 ? ready : untried, clock.random());
    },
  };
}

function nodeKeyOf({ options }: Redis): string {
  return `${options.host ?? ''}:${options.port ?? ''}`;
}

function pickOne<T>(from: readonly T[], random: number): T | undefined {
  return from[Math.floor(random * from.length)];
}

/**
 * Options of the node that its subscriber gets too. ioredis passes on fewer: without `Connector` and `keepAlive` the
 * subscriber would have no keepalive and would not be in the ledger.
 */
const KEPT_OPTIONS = [
  ...(['host', 'port', 'family', 'username', 'password', 'tls', 'protocol', 'replyMapping'] as const),
  ...(['Connector', 'keepAlive', 'noDelay', 'connectTimeout', 'disconnectTimeout'] as const),
  ...(['clientInfoTag', 'disableClientInfo', 'connectionName'] as const),
];

function keptOptions({ options }: Redis): RedisOptions {
  return Object.fromEntries(KEPT_OPTIONS.map((key) => [key, options[key]]));
}

const RELAYED_EVENTS = ['message', 'messageBuffer', 'pmessage', 'pmessageBuffer'] as const;

/** Emits the messages of the subscriber's client on the Cluster, while the subscriber is the current one. */
function relayEvents(client: Redis, cluster: Cluster, isCurrent: () => boolean): void {
  for (const event of RELAYED_EVENTS) {
    client.on(event, (...message: unknown[]) => void (isCurrent() && cluster.emit(event, ...message)));
  }
  client.on('moved', () => cluster.emit('forceRefresh'));
  client.on('error', () => undefined); // reported by the factory, and by the nodes
}

function isEmpty({ subscribe, psubscribe }: Channels): boolean {
  return subscribe.length + psubscribe.length === 0;
}

/** Subscribed channels. Shard channels are left out: without `shardedSubscribers` a Cluster relays no such message. */
function channelsOf(client: Redis): Channels {
  const set = (client as unknown as SubscribingClient).condition?.subscriber;
  return set
    ? { subscribe: set.channels('subscribe'), psubscribe: set.channels('psubscribe') }
    : { subscribe: [], psubscribe: [] };
}

function union(one: Channels, other: Channels): Channels {
  const both = (type: keyof Channels) => [...new Set([...one[type], ...other[type]])];
  return { subscribe: both('subscribe'), psubscribe: both('psubscribe') };
}

/** Subscribes again with one list of channels, as ioredis does: `subscribe` of a subclass may expect that form. */
async function restore({ client }: NodeSubscriber, { subscribe, psubscribe }: Channels): Promise<void> {
  const restoring = client as unknown as Record<
    keyof Channels,
    (names: readonly string[]) => Promise<unknown>
  >;
  await Promise.all([
    subscribe.length > 0 && restoring.subscribe(subscribe),
    psubscribe.length > 0 && restoring.psubscribe(psubscribe),
  ]);
}

/** Delays before a subscriber that was lost is replaced. */
export interface LossBackoff {
  /**
   * Records a loss. Returns how long to wait, in milliseconds: 0 for the first loss after a quiet period, then full
   * jitter that grows with each loss.
   */
  nextDelayMs(): number;
}

/**
 * Longest backoff: two attempts per second on average. Messages are missed meanwhile, and a failover takes a second or
 * more.
 */
const MAX_BACKOFF_MS = 1_000;

/** Time without a loss after which the next one counts as the first. Longer than the backoff where nothing answers. */
const QUIET_MS = 2 * MAX_BACKOFF_MS;

/**
 * Creates the backoff of one Cluster. ioredis selects the next node at once, also when no node accepts the connection:
 * 50 dials per second, measured.
 */
export function createLossBackoff(clock: Clock, baseMs: number): LossBackoff {
  const bounds: BackoffBounds = { baseMs: Math.min(baseMs, MAX_BACKOFF_MS), capMs: MAX_BACKOFF_MS };
  let lastLossAt = -Infinity;
  let losses = 0;
  return {
    nextDelayMs() {
      const now = clock.now();
      losses = now - lastLossAt > QUIET_MS ? 0 : losses + 1;
      lastLossAt = now;
      return losses === 0 ? 0 : fullJitter(losses, bounds, clock.random());
    },
  };
}
