import { Redis as Raw } from 'ioredis';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import type { Gap } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import {
  CHANNELS,
  receiveNumbers,
  publishNumbers,
  type MissingMessage,
  type Published,
} from '../support/numbered-traffic.js';
import { watchOwnSockets } from '../support/own-sockets.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const { now } = systemClock;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Pseudo-random numbers below `sides`, so that a failure can be repeated with its seed. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * sides);
  };
}

/** A connection that was broken between `after` and `before`, in milliseconds since the epoch. */
interface Drop {
  readonly socket: Socket;
  readonly after: number;
  readonly before: number;
}

/** Makes the server close a connection. */
async function kill(socket: Socket): Promise<Drop | undefined> {
  const row = (await redis.rows()).find(({ port }) => port === socket.localPort);
  const after = now();
  if (!row || (await redis.admin.client('KILL', 'ID', row.id)) !== 1) return undefined;
  return { socket, after, before: now() };
}

/** Breaks a connection: by the server (0), by this process (1, 2), or with a reset as a router would (3). */
async function drop(kind: number, socket: Socket | undefined): Promise<Drop | undefined> {
  if (!socket || socket.destroyed || socket.connecting) return undefined;
  if (kind === 0) return kill(socket);
  const after = now();
  if (kind === 1) socket.destroy();
  else if (kind === 2) socket.destroy(new Error('a fault'));
  else socket.resetAndDestroy();
  return { socket, after, before: after };
}

/** Samples CLIENT LIST all the time. `stop()` returns the most subscribers that a sample showed. */
function sampleRows() {
  let maxRows = 0;
  const run = { isStopped: false };
  const done = (async () => {
    while (!run.isStopped) {
      const names = await redis.names();
      maxRows = Math.max(maxRows, names.filter((name) => name === 'orders@web-1#subscriber').length);
      await pause(1);
    }
  })();
  const stop = async () => {
    run.isStopped = true;
    await done;
    return maxRows;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

const covers = ({ channels, patterns, shardChannels }: Gap, channel: string) =>
  [...channels, ...shardChannels].includes(channel) || (channel.startsWith('p:') && patterns.includes('p:*'));

/**
 * Breaks the connection 100 times under traffic, each time up to 60 ms after the last. With `atAnyMoment` also while it is
 * being opened, else only once everything is subscribed.
 */
async function run(seed: number, atAnyMoment: boolean) {
  const dice = createDice(seed);
  const publisher = new Raw(redis.server.port, redis.server.host);
  await publisher.ping(); // before sockets are counted
  using sockets = watchOwnSockets();
  const subscriber = orders.open({ reconnectBaseMs: 20, reconnectCapMs: 100 }).subscriber();
  const received = receiveNumbers(subscriber);
  /** Sockets on which everything was subscribed. */
  const ready = new Set<Socket | undefined>();
  const dropped = new Map<Socket, Drop>();
  /** The socket that has not been dropped yet. Its loss may not have been noticed. */
  const currentSocket = () => [...sockets.open].find((socket) => !dropped.has(socket));
  subscriber.on('ready', () => ready.add([...sockets.open][0]));
  await Promise.all([
    subscriber.subscribe('a', 'b'),
    subscriber.psubscribe('p:*'),
    subscriber.ssubscribe('s'),
  ]);
  await using traffic = publishNumbers(publisher);
  await using rows = sampleRows();
  while (dropped.size < 100) {
    if (!atAnyMoment) await eventually(() => expect(ready).toContain(currentSocket()));
    await pause(dice(60));
    const done = await drop(dice(4), currentSocket());
    if (done) dropped.set(done.socket, done);
  }
  await eventually(async () => {
    expect(ready).toContain(currentSocket());
    const subscribed = await redis.admin.call('PUBSUB', 'NUMSUB', 'a', 'b');
    expect(subscribed).toEqual(['a', 1, 'b', 1]);
    expect(await redis.admin.call('PUBSUB', 'NUMPAT')).toBe(1);
    expect(await redis.admin.call('PUBSUB', 'SHARDNUMSUB', 's')).toEqual(['s', 1]);
  });
  const published = await traffic.stop();
  await eventually(() =>
    expect(CHANNELS.map((channel) => received.last.get(channel))).toEqual(
      CHANNELS.map((channel) => published.get(channel)?.length),
    ),
  );
  const maxConnections = { client: sockets.maxOpen, server: await rows.stop() };
  await subscriber.close();
  const readyDrops = [...dropped.keys()].filter((socket) => ready.has(socket)).length;
  return { ...received, published, drops: [...dropped.values()], readyDrops, maxConnections };
}

/** Whether a missing message was published outside of every gap reported for its channel before the next message. */
function isUnexplained(
  { gaps, published }: Awaited<ReturnType<typeof run>>,
  { channel, number, gapsReported }: MissingMessage,
) {
  const { sent, acknowledged } = published.get(channel)?.[number - 1] as Published;
  return !gaps
    .slice(0, gapsReported)
    .some((gap) => covers(gap, channel) && sent <= gap.to && acknowledged >= gap.from);
}

/** Whether a missing message was published outside of every outage. Gaps begin up to a second before an outage. */
function isFarFromDrops(
  { gaps, published, drops }: Awaited<ReturnType<typeof run>>,
  { channel, number }: MissingMessage,
) {
  const { sent, acknowledged } = published.get(channel)?.[number - 1] as Published;
  return !drops.some(({ after, before }) => {
    const end = gaps.find(({ to }) => to > before)?.to ?? Infinity;
    return acknowledged >= after - 50 && sent <= end;
  });
}

test.each([
  ['once everything is subscribed', false],
  ['at any moment', true],
])(
  '100 drops %s: one connection at a time, one gap per loss, no duplicates, no loss outside of gaps',
  async (_when, atAnyMoment) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const result = await run(seed, atAnyMoment);
    const { missing, disorder, gaps, readyDrops, maxConnections } = result;
    const seedNote = `seed ${seed}`;
    expect(maxConnections, seedNote).toEqual({ client: 1, server: 1 });
    expect(disorder, seedNote).toEqual([]);
    expect(missing.length, seedNote).toBeGreaterThan(100); // else the test proves nothing
    expect(
      missing.filter((message) => isUnexplained(result, message)),
      seedNote,
    ).toEqual([]);
    if (atAnyMoment) {
      // A connection that was lost in its handshake adds nothing to the gap.
      expect(gaps.length, seedNote).toBeLessThanOrEqual(100);
      expect(gaps.length, seedNote).toBeGreaterThanOrEqual(readyDrops);
    } else {
      expect([gaps.length, readyDrops], seedNote).toEqual([100, 100]);
      expect(
        missing.filter((message) => isFarFromDrops(result, message)),
        seedNote,
      ).toEqual([]);
    }
  },
  60_000,
);
