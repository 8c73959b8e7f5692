import { Redis as Raw } from 'ioredis';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import type { Gap } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import {
  CHANNELS,
  hearNumbers,
  publishNumbers,
  type Missing,
  type Published,
} from '../support/numbered-traffic.js';
import { watchOwnSockets } from '../support/own-sockets.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const { now } = systemClock;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Pseudo-random, so that a failure can be played again. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * sides);
  };
}

/** A connection that was broken, and when: not before, not after. */
interface Drop {
  readonly socket: Socket;
  readonly after: number;
  readonly before: number;
}

/** Has the server close a connection. */
async function kill(socket: Socket): Promise<Drop | undefined> {
  const row = (await redis.rows()).find(({ port }) => port === socket.localPort);
  const after = now();
  if (!row || (await redis.admin.client('KILL', 'ID', row.id)) !== 1) return undefined;
  return { socket, after, before: now() };
}

/** The ways in which a connection breaks: the server’s, ours, and a router’s. */
async function drop(kind: number, socket: Socket | undefined): Promise<Drop | undefined> {
  if (!socket || socket.destroyed || socket.connecting) return undefined;
  if (kind === 0) return kill(socket);
  const after = now();
  if (kind === 1) socket.destroy();
  else if (kind === 2) socket.destroy(new Error('a fault'));
  else socket.resetAndDestroy();
  return { socket, after, before: after };
}

/** Looks at the server all the time: how many sockets of ours it has, at most. */
function sampleRows() {
  let most = 0;
  const run = { isStopped: false };
  const done = (async () => {
    while (!run.isStopped) {
      const names = await redis.names();
      most = Math.max(most, names.filter((name) => name === 'orders@web-1#subscriber').length);
      await pause(1);
    }
  })();
  const stop = async () => {
    run.isStopped = true;
    await done;
    return most;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

const covers = ({ channels, patterns, shardChannels }: Gap, channel: string) =>
  [...channels, ...shardChannels].includes(channel) || (channel.startsWith('p:') && patterns.includes('p:*'));

/**
 * Breaks the connection 100 times under traffic. `atAnyMoment`: also while it is being opened; else a random while
 * after it has been made good.
 */
async function run(seed: number, atAnyMoment: boolean) {
  const dice = createDice(seed);
  const publisher = new Raw(redis.server.port, redis.server.host);
  await publisher.ping(); // before sockets are counted
  using sockets = watchOwnSockets();
  const subscriber = orders.open({ reconnectBaseMs: 20, reconnectCapMs: 100 }).subscriber();
  const heard = hearNumbers(subscriber);
  /** Sockets on which everything was subscribed. */
  const whole = new Set<Socket | undefined>();
  const dropped = new Map<Socket, Drop>();
  /** The one that has not been dropped yet, though its loss may not have been noticed. */
  const present = () => [...sockets.open].find((socket) => !dropped.has(socket));
  subscriber.on('ready', () => whole.add([...sockets.open][0]));
  await Promise.all([
    subscriber.subscribe('a', 'b'),
    subscriber.psubscribe('p:*'),
    subscriber.ssubscribe('s'),
  ]);
  await using traffic = publishNumbers(publisher);
  await using rows = sampleRows();
  while (dropped.size < 100) {
    if (!atAnyMoment) await eventually(() => expect(whole).toContain(present()));
    await pause(dice(60));
    const done = await drop(dice(4), present());
    if (done) dropped.set(done.socket, done);
  }
  await eventually(async () => {
    expect(whole).toContain(present());
    const subscribed = await redis.admin.call('PUBSUB', 'NUMSUB', 'a', 'b');
    expect(subscribed).toEqual(['a', 1, 'b', 1]);
    expect(await redis.admin.call('PUBSUB', 'NUMPAT')).toBe(1);
    expect(await redis.admin.call('PUBSUB', 'SHARDNUMSUB', 's')).toEqual(['s', 1]);
  });
  const published = await traffic.stop();
  await eventually(() =>
    expect(CHANNELS.map((channel) => heard.last.get(channel))).toEqual(
      CHANNELS.map((channel) => published.get(channel)?.length),
    ),
  );
  const most = { here: sockets.most, there: await rows.stop() };
  await subscriber.close();
  const wholeDrops = [...dropped.keys()].filter((socket) => whole.has(socket)).length;
  return { ...heard, published, drops: [...dropped.values()], wholeDrops, most };
}

/** A message that was published outside of every gap that was told for its channel before the next one came. */
function isUnexplained(
  { gaps, published }: Awaited<ReturnType<typeof run>>,
  { channel, number, gapsTold }: Missing,
) {
  const { sent, acknowledged } = published.get(channel)?.[number - 1] as Published;
  return !gaps
    .slice(0, gapsTold)
    .some((gap) => covers(gap, channel) && sent <= gap.to && acknowledged >= gap.from);
}

/** Gaps are generous at their beginning, by a second. This asks for more: it was lost in an outage. */
function isFarFromDrops(
  { gaps, published, drops }: Awaited<ReturnType<typeof run>>,
  { channel, number }: Missing,
) {
  const { sent, acknowledged } = published.get(channel)?.[number - 1] as Published;
  return !drops.some(({ after, before }) => {
    const end = gaps.find(({ to }) => to > before)?.to ?? Infinity;
    return acknowledged >= after - 50 && sent <= end;
  });
}

test.each([
  ['that had been made good', false],
  ['at whatever moment', true],
])(
  '100 drops %s: one socket, a gap each, nothing twice, nothing lost outside',
  async (_when, atAnyMoment) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const result = await run(seed, atAnyMoment);
    const { missing, disorder, gaps, wholeDrops, most } = result;
    const played = `seed ${seed}`;
    expect(most, played).toEqual({ here: 1, there: 1 });
    expect(disorder, played).toEqual([]);
    expect(missing.length, played).toBeGreaterThan(100); // else there was nothing to explain
    expect(
      missing.filter((one) => isUnexplained(result, one)),
      played,
    ).toEqual([]);
    if (atAnyMoment) {
      // A connection that was lost in its handshake adds nothing to the gap.
      expect(gaps.length, played).toBeLessThanOrEqual(100);
      expect(gaps.length, played).toBeGreaterThanOrEqual(wholeDrops);
    } else {
      expect([gaps.length, wholeDrops], played).toEqual([100, 100]);
      expect(
        missing.filter((one) => isFarFromDrops(result, one)),
        played,
      ).toEqual([]);
    }
  },
  60_000,
);
