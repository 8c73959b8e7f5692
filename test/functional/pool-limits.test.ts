import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { HygieneError } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { watchOwnSockets } from '../support/own-sockets.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);

const catchError = (work: Promise<unknown>) => work.catch((error: unknown) => error) as Promise<HygieneError>;

describe('a pool', () => {
  test('refuses callers after acquireTimeoutMs, and names the holders, longest first', async () => {
    const pool = the.open().pool({ max: 2, min: 2, acquireTimeoutMs: 700 });
    // On a busy machine a dial may take longer than a caller waits here.
    await eventually(() => expect(pool.statistics().idle).toBe(2));
    const first = await pool.acquire();
    await first.client.set('secret', 'value');
    await sleep(20);
    const second = pool.use(async function later() {
      await sleep(1_500);
    });
    const error = await catchError(pool.acquire());
    expect(error).toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT', details: { max: 2, size: 2 } });
    expect(error.message).toMatch(
      /Connections in use: 2 of 2, longest first: .*pool-limits.* last command set; later \(/,
    );
    expect(error.message).not.toMatch(/secret|value/);
    expect(error.cause).toBeUndefined();
    await second;
    await first.release();
    expect(pool.statistics()).toMatchObject({ timeouts: 1, pending: 0, used: 0 });
  });

  test('refuses callers when maxWaiting callers wait already', async () => {
    const pool = the.open().pool({ max: 1, maxWaiting: 2 });
    const lease = await pool.acquire();
    const waiting = [pool.use((client) => client.ping()), pool.use((client) => client.ping())];
    const error = await catchError(pool.use((client) => client.ping()));
    expect(error).toMatchObject({ code: 'HYG_POOL_FULL' });
    expect(error.message).toMatch(/^2 callers already wait .* longest first: .*pool-limits/);
    expect(pool.statistics()).toMatchObject({ pending: 2, refusals: 1 });
    await lease.release();
    expect(await Promise.all(waiting)).toEqual(['PONG', 'PONG']);
  });

  test('with maxWaiting 0, lets callers wait only for connections that are being opened', async () => {
    const pool = the.open().pool({ max: 2, maxWaiting: 0 });
    const results = await Promise.allSettled([1, 2, 3].map(() => pool.use((client) => client.ping())));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(await pool.use((client) => client.ping())).toBe('PONG');
  });

  test('opens min connections at once, keeps them, and closes idle ones above min', async () => {
    const pool = the.open().pool({ max: 5, min: 2, idleTimeoutMs: 300, validateAfterIdleMs: 50 });
    await eventually(() => expect(pool.statistics()).toMatchObject({ size: 2, idle: 2, created: 2 }));
    await Promise.all([1, 2, 3, 4, 5].map(() => pool.use(() => sleep(50))));
    expect(pool.statistics().size).toBe(5);
    await eventually(() => expect(pool.statistics()).toMatchObject({ size: 2, closed: { idle: 3 } }));
    await sleep(600);
    expect(pool.statistics().size).toBe(2);
    await eventually(async () => expect(await redis.names()).toHaveLength(2));
  });

  test('closes idle connections in time, also if validateAfterIdleMs is longer than idleTimeoutMs', async () => {
    const pool = the.open().pool({ max: 2, idleTimeoutMs: 200, validateAfterIdleMs: 60_000 });
    await Promise.all([1, 2].map(() => pool.use(() => sleep(50))));
    expect(pool.statistics().size).toBe(2);
    await eventually(() => expect(pool.statistics()).toMatchObject({ size: 0, closed: { idle: 2 } }));
  });

  test('shrinks under low load, as it uses the same connection again and again', async () => {
    const pool = the.open().pool({ max: 5, idleTimeoutMs: 400, validateAfterIdleMs: 20 });
    const leases = await Promise.all([1, 2, 3, 4, 5].map(() => pool.acquire()));
    expect(pool.statistics().size).toBe(5);
    await Promise.all(leases.map((lease) => lease.release()));
    await eventually(async () => {
      await pool.use((client) => client.ping());
      expect(pool.statistics()).toMatchObject({ size: 1, closed: { idle: 4 } });
    });
  });

  test('replaces lost connections up to min', async () => {
    const pool = the.open().pool({ max: 3, min: 2, idleTimeoutMs: 400, validateAfterIdleMs: 20 });
    await eventually(() => expect(pool.statistics().size).toBe(2));
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await eventually(() => expect(pool.statistics()).toMatchObject({ size: 2, closed: { lost: 2 } }));
  });

  test('retires old connections when they are released, never while they are in use', async () => {
    const pool = the.open().pool({ max: 1, maxLifetimeMs: 1_000 });
    const lease = await pool.acquire();
    const id = await lease.client.client('ID');
    await sleep(1_100);
    expect(await lease.client.client('ID')).toBe(id);
    await lease.release();
    expect(await pool.use((client) => client.client('ID'))).not.toBe(id);
    expect(pool.statistics()).toMatchObject({ size: 1, closed: { lifetime: 1 } });
  });
});

describe('an idle connection', () => {
  test('is checked by PING before it is used again, but not if it was used just now', async () => {
    const pool = the.open().pool({ max: 1, validateAfterIdleMs: 100 });
    await pool.use((client) => client.get('k'));
    await redis.admin.config('RESETSTAT');
    await pool.use((client) => client.get('k'));
    expect(await redis.admin.info('commandstats')).not.toContain('cmdstat_ping');
    await sleep(200);
    await pool.use((client) => client.get('k'));
    expect(await redis.admin.info('commandstats')).toContain('cmdstat_ping:calls=1,');
  });

  test('is checked also if the event loop was blocked meanwhile', async () => {
    const pool = the.open().pool({ max: 1, validateAfterIdleMs: 100 });
    await pool.use((client) => client.get('k'));
    await redis.admin.config('RESETSTAT');
    const end = Date.now() + 150;
    while (Date.now() < end); // no timer runs
    await pool.use((client) => client.get('k'));
    expect(await redis.admin.info('commandstats')).toContain('cmdstat_ping:calls=1,');
  });

  test('is replaced if the server closed it', async () => {
    const pool = the.open().pool({ max: 2, validateAfterIdleMs: 50 });
    await Promise.all([1, 2].map(() => pool.use(() => sleep(20))));
    for (const pause of [0, 100]) {
      await sleep(pause);
      await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await sleep(20);
      expect(await pool.use((client) => client.ping())).toBe('PONG');
    }
  });

  test('is replaced if the server does not answer, and the pool recovers', async () => {
    const pool = the.open().pool({ max: 1, validateAfterIdleMs: 50, acquireTimeoutMs: 1_800 });
    await pool.use((client) => client.ping());
    await sleep(150);
    await redis.server.pause();
    const error = await catchError(pool.use((client) => client.ping())).finally(() => redis.server.resume());
    expect(error).toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT' });
    expect(pool.statistics().closed).toMatchObject({ silent: 1 });
    await eventually(async () => expect(await pool.use((client) => client.ping())).toBe('PONG'));
  });
});

test('a server that does not answer QUIT lists an old row for a while, but this process never has more than max sockets', async () => {
  using sockets = watchOwnSockets();
  const pool = the.open().pool({ max: 1 });
  const lease = await pool.acquire();
  await lease.client.subscribe('news'); // the connection must be replaced
  await redis.server.pause();
  await lease.release();
  const next = pool.use((client) => client.ping());
  await eventually(() => expect([sockets.destroyed, sockets.open.size]).toEqual([1, 1]));
  await redis.server.resume();
  expect(await next).toBe('PONG');
  await eventually(async () => expect(await redis.names()).toEqual([pool.name]));
  expect(sockets.maxOpen).toBe(1);
});

test('the call site of a connection is the line that created the pool, not the borrower', async () => {
  const factory = the.open();
  function openPool() {
    return factory.pool({ max: 1 });
  }
  const pool = openPool();
  await pool.use((client) => client.ping());
  const [{ callSite, role } = {}] = factory.connections();
  expect({ callSite: callSite?.[0], role }).toEqual({
    callSite: expect.stringMatching(/^openPool .*pool-limits/),
    role: 'pool',
  });
});

test('a server that has cut off a dial is probed, and the probe has closed before the next dial', async () => {
  const { host, port } = redis.server;
  let accepted = 0;
  let open = 0;
  let maxOpen = 0;
  const proxy = createServer((socket) => {
    accepted += 1;
    open += 1;
    maxOpen = Math.max(maxOpen, open);
    socket.once('close', () => (open -= 1)).on('error', () => undefined);
    if (accepted === 1) return void socket.once('data', () => socket.destroy());
    const upstream = connect(port, host).on('error', () => undefined);
    socket.pipe(upstream).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  try {
    const address = { host: '127.0.0.1', port: (proxy.address() as AddressInfo).port };
    const pool = the.open({ connection: address }).pool({ max: 1 });
    expect(await pool.use((client) => client.ping())).toBe('PONG');
    expect({ accepted, maxOpen }).toEqual({ accepted: 3, maxOpen: 1 });
    await pool.close();
  } finally {
    proxy.close();
  }
});
