import { once } from 'node:events';
import { Redis as Raw } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import type { OrphanEvent } from '../../src/index.js';
import { recordSubscriber } from '../support/subscriber-record.js';
import { eventually } from '../support/eventually.js';
import { startFirewall } from '../support/firewall.js';
import { startRedis } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// Gaps use the time of this clock, which is rounded, while `Date.now()` is truncated.
const { now } = systemClock;

const redis = useRedis({ args: ['--enable-debug-command', 'yes'] });
const orders = useFactory(redis);

afterEach(async () => {
  await orders.factory.shutdown();
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

const SHORT_BACKOFF = { reconnectBaseMs: 10, reconnectCapMs: 100 };
/** Detects a silent peer within 2.6 s, also behind a proxy or with a stopped server, whose kernels acknowledge. */
const SHORT_HEARTBEAT = {
  ...SHORT_BACKOFF,
  heartbeatIntervalMs: 1_000,
  heartbeatDeadlineMs: 300,
  stallLimitMs: 1_000,
};

const kill = () => redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');

describe('a lost connection', () => {
  test('is replaced, and reported as a gap of everything that was subscribed', async () => {
    const subscriber = orders.open(SHORT_BACKOFF).subscriber();
    const { events, gaps } = recordSubscriber(subscriber);
    await Promise.all([
      subscriber.subscribe('a', 'b'),
      subscriber.psubscribe('p*'),
      subscriber.ssubscribe('s'),
    ]);
    const before = now();
    await kill();
    await eventually(async () => expect(await redis.admin.publish('a', '1')).toBe(1));
    // A message that arrives in one chunk with the answer is emitted between the gap and `ready`.
    await eventually(() =>
      expect(events.filter((event) => event !== 'ready')).toEqual(['reconnecting 1', 'gap', 'a: 1']),
    );
    expect(gaps).toMatchObject([{ channels: ['a', 'b'], patterns: ['p*'], shardChannels: ['s'] }]);
    expect(gaps[0]?.from).toBeLessThanOrEqual(before);
    expect(gaps[0]?.to).toBeGreaterThanOrEqual(before);
    expect(gaps[0]?.to).toBeLessThanOrEqual(now());
    expect(await redis.names()).toEqual(['orders@web-1#subscriber']);
  });

  test('is replaced with the names that were subscribed and unsubscribed meanwhile', async () => {
    const subscriber = orders.open({ reconnectBaseMs: 300, reconnectCapMs: 300 }).subscriber();
    const { gaps } = recordSubscriber(subscriber);
    await subscriber.subscribe('a', 'b');
    const reconnecting = once(subscriber as never, 'reconnecting');
    await kill();
    await reconnecting;
    const late = subscriber.subscribe('c');
    await subscriber.unsubscribe('b');
    await late;
    expect(await redis.admin.call('PUBSUB', 'NUMSUB', 'a', 'b', 'c')).toEqual(['a', 1, 'b', 0, 'c', 1]);
    await eventually(() => expect(gaps).toMatchObject([{ channels: ['a', 'b'] }]));
  });

  test('to a server that was restarted is replaced', async () => {
    const first = await startRedis();
    await using firewall = await startFirewall(first);
    const subscriber = orders.open({ ...SHORT_BACKOFF, connection: firewall.url }).subscriber();
    const { events, failures } = recordSubscriber(subscriber);
    await subscriber.subscribe('a');
    await first.stop();
    await eventually(() => expect(events).toContain('reconnecting 3'));
    await using second = await startRedis();
    firewall.redirect(second);
    const admin = new Raw(second.port, second.host);
    await eventually(async () => expect(await admin.publish('a', '1')).toBe(1));
    admin.disconnect();
    await eventually(() =>
      expect(events.filter((event) => event !== 'ready').slice(-2)).toEqual(['gap', 'a: 1']),
    );
    expect(events.filter((event) => event === 'gap')).toHaveLength(1);
    expect(failures.every((error) => /ECONN|EPIPE|closed/.test(error.message))).toBe(true);
    await subscriber.close();
  });

  test('to a server that still loads its data is replaced once the data is loaded', async () => {
    const other = new Raw(redis.server.port, redis.server.host);
    await other.eval('for i = 1, 2000 do redis.call("SET", i, i) end', 0);
    await other.call(
      'CONFIG',
      'SET',
      'key-load-delay',
      '500',
      'loading-process-events-interval-bytes',
      '1024',
    );
    const subscriber = orders.open(SHORT_BACKOFF).subscriber();
    const { events, failures } = recordSubscriber(subscriber);
    await subscriber.subscribe('a');
    const loaded = { at: 0 };
    const reloading = other.call('DEBUG', 'RELOAD').then(() => (loaded.at = now()));
    await eventually(async () => expect(await redis.admin.info('persistence')).toContain('loading:1'));
    await kill();
    await eventually(() => expect(events).toEqual(['ready', 'reconnecting 1', 'gap', 'ready']), 10_000);
    const readyAt = now();
    await reloading;
    expect(readyAt).toBeGreaterThanOrEqual(loaded.at - 50);
    expect(failures).toEqual([]);
    await other.call('CONFIG', 'SET', 'key-load-delay', '0');
    await other.flushall();
    other.disconnect();
  });
});

describe('a silent peer', () => {
  test('with a frozen server is left, and connected to again when it answers', async () => {
    await using server = await startRedis();
    const subscriber = orders.open({ ...SHORT_HEARTBEAT, connection: server.url }).subscriber();
    const { events, gaps } = recordSubscriber(subscriber);
    await subscriber.subscribe('a');
    const before = now();
    await server.pause();
    await eventually(() => expect(events).toContain('reconnecting 1'), 8_000);
    await server.resume();
    await eventually(() => expect(events.slice(-2)).toEqual(['gap', 'ready']), 8_000);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.from).toBeLessThanOrEqual(before);
    const admin = new Raw(server.port, server.host);
    const rows = async () => String(await admin.client('LIST')).match(/name=orders@web-1#subscriber/g);
    await eventually(async () => expect(await rows()).toHaveLength(1));
    admin.disconnect();
    await subscriber.close();
  });

  test('behind a firewall that forgot the session is detected, and its orphan reaped before the gap ends', async () => {
    await using firewall = await startFirewall(redis.server);
    const factory = orders.open({ ...SHORT_HEARTBEAT, connection: firewall.url });
    const orphans: OrphanEvent[] = [];
    factory.on('orphan', (event) => orphans.push(event));
    const subscriber = factory.subscriber();
    const { events, gaps } = recordSubscriber(subscriber);
    await subscriber.subscribe('a');
    await redis.admin.publish('a', 'before');
    await eventually(() => expect(events).toContain('a: before'));
    firewall.forget();
    const cut = now();
    expect(await redis.admin.publish('a', 'into the void')).toBe(1);
    await eventually(() => expect(gaps).toHaveLength(1), 8_000);
    expect(gaps[0]?.from).toBeLessThanOrEqual(cut);
    expect(gaps[0]?.to).toBeGreaterThan(cut);
    expect(orphans).toMatchObject([{ outcome: 'reaped', role: 'subscriber' }]);
    expect(await redis.admin.publish('a', 'after')).toBe(1);
    await eventually(() => expect(events.slice(-3)).toEqual(['gap', 'ready', 'a: after']));
    expect(await redis.names()).toEqual(['orders@web-1#subscriber']);
    await subscriber.close();
  });
});
