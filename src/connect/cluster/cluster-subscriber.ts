import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { type BackoffBounds, fullJitter } from '../../core/backoff.js';
import type { Clock } from '../../core/clock.js';
import { clusterInternals, type SubscribingClient } from '../ioredis/internals.js';

export interface ClusterSubscriberPorts {
  readonly clock: Clock;
  readonly pace: LossBackoff;
  /** False once shutdown() has begun. */
  readonly isOpen: () => boolean;
  /** Makes a client with these options that does not dial yet, named and in the ledger when it does. */
  readonly open: (options: RedisOptions) => Redis;
}

interface Channels {
  readonly subscribe: readonly string[];
  readonly psubscribe: readonly string[];
}

/** One client with which the Cluster subscribes, until it is lost or its node leaves. */
interface Subscriber {
  readonly client: Redis;
  /** Where it leads. */
  readonly key: string;
  /** Whether it has all that was wanted when it was made: then its own set is the truth. */
  isRestored: boolean;
}

/** ioredis passes on fewer: without these a subscriber has no keepalive and is nowhere to be seen. */
const KEPT_OPTIONS = [
  ...(['host', 'port', 'family', 'username', 'password', 'tls', 'protocol', 'replyMapping'] as const),
  ...(['Connector', 'keepAlive', 'noDelay', 'connectTimeout', 'disconnectTimeout'] as const),
  ...(['clientInfoTag', 'disableClientInfo', 'connectionName'] as const),
];

function keptOptions({ options }: Redis): RedisOptions {
  return Object.fromEntries(KEPT_OPTIONS.map((key) => [key, options[key]]));
}

const RELAYED = ['message', 'messageBuffer', 'pmessage', 'pmessageBuffer'] as const;

function keyOf({ options }: Redis): string {
  return `${options.host ?? ''}:${options.port ?? ''}`;
}

function isEmpty({ subscribe, psubscribe }: Channels): boolean {
  return subscribe.length + psubscribe.length === 0;
}

/** Sharded channels are not among them: without `shardedSubscribers` a Cluster passes on no message of theirs. */
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

async function restore({ client }: Subscriber, { subscribe, psubscribe }: Channels): Promise<void> {
  await Promise.all([
    subscribe.length > 0 && client.subscribe(...subscribe),
    psubscribe.length > 0 && client.psubscribe(...psubscribe),
  ]);
}

function pickOne<T>(from: readonly T[], random: number): T | undefined {
  return from[Math.floor(random * from.length)];
}

/**
 * Chooses the nodes to subscribe at: none again that was lost before all others were tried, and one that is known
 * to answer before one that may be dead.
 */
function createChoice(cluster: Cluster, clock: Clock) {
  const lost = new Set<string>();
  return {
    lost: (key: string) => void lost.add(key),
    next(): Redis | undefined {
      const nodes = cluster.nodes();
      if (nodes.every((node) => lost.has(keyOf(node)))) lost.clear();
      const untried = nodes.filter((node) => !lost.has(keyOf(node)));
      const alive = untried.filter(({ status }) => status === 'ready');
      return pickOne(alive.length > 0 ? alive : untried, clock.random());
    },
  };
}

/** Passes on what its client tells, while it is the one. */
function relay(client: Redis, cluster: Cluster, isCurrent: () => boolean): void {
  for (const event of RELAYED) {
    client.on(event, (...message: unknown[]) => void (isCurrent() && cluster.emit(event, ...message)));
  }
  client.on('moved', () => cluster.emit('forceRefresh'));
  client.on('error', () => undefined); // told by the factory, and by the nodes
}

/**
 * In the place of what ioredis' Cluster does to subscribe: its client has no connector, so it would be in no ledger,
 * without keepalive, and never found half-open. As there, one client subscribes for the whole Cluster, at any of
 * its nodes; when it is lost, or its node leaves, another one takes over all channels at another node. Unlike there,
 * what was wanted stays wanted until it is unsubscribed, and losses in a row are answered with backoff.
 */
export function keepSubscribed(
  cluster: Cluster,
  { clock, pace, isOpen, open }: ClusterSubscriberPorts,
): void {
  const parts = clusterInternals(cluster).subscriber;
  const choice = createChoice(cluster, clock);
  let wanted: Channels = { subscribe: [], psubscribe: [] };
  let current: Subscriber | undefined;
  let timer: ReturnType<Clock['after']> | undefined;

  function leave(): void {
    timer?.cancel();
    if (!current) return;
    const { client, isRestored } = current;
    current = undefined;
    wanted = isRestored ? channelsOf(client) : union(wanted, channelsOf(client));
    client.disconnect();
  }

  /** It dials when there is something to subscribe to, by us or by the application. */
  function select(delayMs = 0): void {
    leave();
    const node = choice.next();
    parts.subscriber = null;
    if (!node) return; // the Cluster asks again when it has found one
    const client = open(keptOptions(node));
    const chosen: Subscriber = { client, key: keyOf(node), isRestored: isEmpty(wanted) };
    current = chosen;
    parts.subscriber = client;
    relay(client, cluster, () => chosen === current);
    client.once('end', () => lost(chosen));
    if (chosen.isRestored) return;
    if (delayMs === 0) subscribe(chosen);
    else timer = clock.after(delayMs, () => subscribe(chosen));
  }

  function subscribe(one: Subscriber): void {
    // A server that refuses may be the only one that does. A connection that breaks ends by itself.
    const refused = () => one.client.disconnect();
    restore(one, wanted).then(() => void (one.isRestored = true), refused);
  }

  function lost(one: Subscriber): void {
    if (one !== current || !parts.isStarted() || !isOpen()) return;
    choice.lost(one.key);
    select(pace.afterLoss());
  }

  const selectSubscriber = () => select();
  Object.defineProperty(parts, 'selectSubscriber', {
    value: selectSubscriber,
    configurable: true,
    writable: true,
  });
}

/** Says how long to wait after a loss. */
export interface LossBackoff {
  /** 0 for a loss after a quiet time, else full jitter that grows with each. */
  afterLoss(): number;
}

/** Two attempts in a second, in the mean: messages are missed meanwhile, and a failover takes a second or more. */
const CAP_MS = 1_000;

/** Longer than two losses are apart where nothing answers. */
const QUIET_MS = 2 * CAP_MS;

/** ioredis picks the next node at once, also where none takes the connection: 50 dials in a second, measured. */
export function createLossBackoff(clock: Clock, baseMs: number): LossBackoff {
  const bounds: BackoffBounds = { baseMs: Math.min(baseMs, CAP_MS), capMs: CAP_MS };
  let lastAt = -Infinity;
  let losses = 0;
  return {
    afterLoss() {
      const now = clock.now();
      losses = now - lastAt > QUIET_MS ? 0 : losses + 1;
      lastAt = now;
      return losses === 0 ? 0 : fullJitter(losses, bounds, clock.random());
    },
  };
}
