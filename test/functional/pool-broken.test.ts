import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { HygieneError } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { quietNow } from '../support/quiet-clock.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const PASSWORD = 'pool-password-2';
const redis = useRedis({ password: PASSWORD }, { password: PASSWORD });
const the = useFactory(redis);

const proxies: { close(): void }[] = [];
afterEach(() => proxies.splice(0).forEach((proxy) => proxy.close()));

interface TestProxy {
  readonly connection: { readonly host: string; readonly port: number; readonly password: string };
  /** How many connections the proxy has accepted. */
  readonly dials: number;
}

/** Starts a proxy in proxy of the server, which handles each connection by `serve`. */
async function startProxy(serve: (socket: Socket) => void): Promise<TestProxy> {
  let dials = 0;
  const server = createServer((socket) => {
    dials += 1;
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(0, '127.0.0.1');
  proxies.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connection: { host: '127.0.0.1', port, password: PASSWORD },
    get dials() {
      return dials;
    },
  };
}

/** Forwards to the server, and closes the connection `ms` milliseconds after the first reply. */
function forwardFor(ms: number): (socket: Socket) => void {
  return (socket) => {
    const upstream = connect(redis.server.port, redis.server.host);
    upstream.on('error', () => undefined);
    socket.pipe(upstream).pipe(socket);
    upstream.once('data', () => setTimeout(() => (socket.destroy(), upstream.destroy()), ms));
  };
}

const catchError = (work: Promise<unknown>) => work.catch((error: unknown) => error) as Promise<HygieneError>;

describe('connections that are lost at once', () => {
  test.for<readonly [string, (socket: Socket) => void]>([
    ['accepts and closes connections', (socket) => socket.destroy()],
    ['closes connections 15 ms after the first reply', forwardFor(15)],
    ['closes connections 60 ms after the first reply', forwardFor(60)],
  ])('a server that %s is not dialled in a loop', async ([, serve]) => {
    const proxy = await startProxy(serve);
    const pool = the.open().pool({ max: 5, acquireTimeoutMs: 700, connection: proxy.connection });
    const end = Date.now() + 3_000;
    const messages = new Set<string>();
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        while (Date.now() < end) {
          const error = await catchError(pool.use(() => sleep(1)).then(() => sleep(5)));
          if (error instanceof Error) messages.add(error.message);
        }
      }),
    );
    // Five connections, each with its own backoff from 100 ms on: about 5 × 7 dials in 3 s.
    expect(proxy.dials).toBeGreaterThan(3);
    expect(proxy.dials).toBeLessThan(120);
    const error = await catchError(pool.acquire());
    if (error instanceof Error) expect(error.cause).toBeInstanceOf(Error);
    await pool.close();
    const dialsAtClose = proxy.dials;
    await sleep(300);
    expect(proxy.dials).toBe(dialsAtClose);
  });

  test('with a refused port, callers time out with the cause', async () => {
    const factory = the.open();
    const connection = { host: '127.0.0.1', port: 1 };
    const pool = factory.pool({ max: 2, acquireTimeoutMs: 300, connection });
    const error = await catchError(pool.acquire());
    expect(error).toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT', cause: { code: 'HYG_CONNECT_FAILED' } });
    expect(error.message).toContain('None of its 2 connections is in use');
    // No caller waits any more, so the dials end.
    await eventually(() => expect(factory.connections()).toEqual([]), 12_000);
    expect(pool.statistics()).toMatchObject({ size: 0, connecting: 0, pending: 0, closed: { unwanted: 1 } });
  });

  test('with a database that the server does not have, no caller gets a connection to another database', async () => {
    const pool = the.open().pool({ max: 2, acquireTimeoutMs: 300, connection: { db: 99 } });
    const error = await catchError(pool.use((client) => client.set('lost', 1)));
    expect(error).toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT', cause: { code: 'HYG_DATABASE_REFUSED' } });
    expect(the.errors[0]?.message).toContain(
      'refuses database 99 of orders@web-1#pool: ERR DB index is out of range.',
    );
    expect(await redis.admin.exists('lost')).toBe(0);
    expect(pool.statistics()).toMatchObject({ created: 0 });
  });

  test('without a retry strategy, each caller gets the failure of its own dial', async () => {
    const connection = { host: '127.0.0.1', port: 1, retryStrategy: null as never };
    const pool = the.open().pool({ max: 2, min: 1, connection, idleTimeoutMs: 400 });
    for (let i = 0; i < 3; i += 1) {
      expect(await catchError(pool.acquire())).toMatchObject({ code: 'HYG_CONNECT_FAILED' });
      await sleep(20);
    }
  });
});

describe('a password', () => {
  test('that is wrong makes the pool refuse all waiting callers at once, and ends the dials', async () => {
    const factory = the.open({
      connection: { host: redis.server.host, port: redis.server.port, password: 'wrong-1' },
    });
    const pool = factory.pool({ max: 2 });
    const start = quietNow();
    const errors = await Promise.all(
      [1, 2, 3, 4, 5].map(() => catchError(pool.use((client) => client.ping()))),
    );
    expect(quietNow() - start).toBeLessThan(1_500);
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'HYG_AUTH_REFUSED' });
      expect(`${error.message}${error.stack ?? ''}${JSON.stringify(error)}`).not.toContain('wrong-1');
    }
    await eventually(() => expect(factory.connections()).toEqual([]), 12_000);
    expect(await catchError(pool.acquire())).toMatchObject({ code: 'HYG_AUTH_REFUSED' });
  });

  test('that is wrong causes one login, not one per caller', async () => {
    const { host, port } = redis.server;
    const proxy = await startProxy((socket) => socket.pipe(connect(port, host)).pipe(socket));
    const pool = the.open({ connection: { ...proxy.connection, password: 'wrong-1' } }).pool({ max: 3 });
    for (let i = 0; i < 100; i += 1) {
      expect(await catchError(pool.use((client) => client.ping()))).toMatchObject({
        code: 'HYG_AUTH_REFUSED',
      });
    }
    expect(proxy.dials).toBe(1);
    expect(pool.statistics()).toMatchObject({ created: 0, pending: 0 });
  });

  test('that works again lets the pool connect within 3 s', async () => {
    const factory = the.open();
    const pool = factory.pool({ max: 1 });
    await redis.admin.config('SET', 'requirepass', 'another');
    expect(await catchError(pool.acquire())).toMatchObject({ code: 'HYG_AUTH_REFUSED' });
    await redis.admin.config('SET', 'requirepass', PASSWORD);
    await eventually(async () => expect(await pool.use((client) => client.ping())).toBe('PONG'), 3_000);
  });
});
