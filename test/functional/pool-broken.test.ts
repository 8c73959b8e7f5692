import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { HygieneError } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const PASSWORD = 'pool-password-2';
const redis = useRedis({ password: PASSWORD }, { password: PASSWORD });
const the = useFactory(redis);

const open: { close(): void }[] = [];
afterEach(() => open.splice(0).forEach((one) => one.close()));

interface Door {
  readonly connection: { readonly host: string; readonly port: number; readonly password: string };
  /** How many have come. */
  readonly dials: number;
}

/** A server in front of the server. */
async function door(serve: (socket: Socket) => void): Promise<Door> {
  let dials = 0;
  const server = createServer((socket) => {
    dials += 1;
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connection: { host: '127.0.0.1', port, password: PASSWORD },
    get dials() {
      return dials;
    },
  };
}

/** Lets everything through for a while. */
function passFor(ms: number): (socket: Socket) => void {
  return (socket) => {
    const behind = connect(redis.server.port, redis.server.host);
    behind.on('error', () => undefined);
    socket.pipe(behind).pipe(socket);
    behind.once('data', () => setTimeout(() => (socket.destroy(), behind.destroy()), ms));
  };
}

const caught = (work: Promise<unknown>) => work.catch((error: unknown) => error) as Promise<HygieneError>;

describe('connections that die at once', () => {
  test.for<readonly [string, (socket: Socket) => void]>([
    ['accepts and closes', (socket) => socket.destroy()],
    ['closes soon after the connection is ready', passFor(15)],
    ['closes when the connection has been ready for a moment', passFor(60)],
  ])('a server that %s is not dialled in a loop', async ([, serve]) => {
    const front = await door(serve);
    const pool = the.open().pool({ max: 5, acquireTimeoutMs: 700, connection: front.connection });
    const end = Date.now() + 3_000;
    const told = new Set<string>();
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        while (Date.now() < end) {
          const error = await caught(pool.use(() => sleep(1)).then(() => sleep(5)));
          if (error instanceof Error) told.add(error.message);
        }
      }),
    );
    // Five connections, each with its own backoff from 100 ms on: some 5 × 7 dials in three seconds.
    expect(front.dials).toBeGreaterThan(3);
    expect(front.dials).toBeLessThan(120);
    const error = await caught(pool.acquire());
    if (error instanceof Error) expect(error.cause).toBeInstanceOf(Error);
    await pool.close();
    const after = front.dials;
    await sleep(300);
    expect(front.dials).toBe(after);
  });

  test('a refused port: callers wait, and learn the cause', async () => {
    const factory = the.open();
    const connection = { host: '127.0.0.1', port: 1 };
    const pool = factory.pool({ max: 2, acquireTimeoutMs: 300, connection });
    const error = await caught(pool.acquire());
    expect(error).toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT', cause: { code: 'HYG_CONNECT_FAILED' } });
    expect(error.message).toContain('None of its 2 connections is lent');
    // Nobody waits any more, so nothing is dialled any more.
    await eventually(() => expect(factory.connections()).toEqual([]), 12_000);
    expect(pool.statistics()).toMatchObject({ size: 0, opening: 0, pending: 0, closed: { unwanted: 1 } });
  });

  test('a database that the server does not have: nobody is lent a connection to another one', async () => {
    const pool = the.open().pool({ max: 2, acquireTimeoutMs: 300, connection: { db: 99 } });
    const error = await caught(pool.use((client) => client.set('lost', 1)));
    expect(error).toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT', cause: { code: 'HYG_CONNECT_FAILED' } });
    expect(the.errors[0]?.message).toContain('SELECT was refused: ERR DB index is out of range.');
    expect(await redis.admin.exists('lost')).toBe(0);
    expect(pool.statistics()).toMatchObject({ created: 0 });
  });

  test('without a retry strategy the first failure is the answer, and the next caller has a dial of its own', async () => {
    const connection = { host: '127.0.0.1', port: 1, retryStrategy: null as never };
    const pool = the.open().pool({ max: 2, min: 1, connection, idleTimeoutMs: 400 });
    for (let i = 0; i < 3; i += 1) {
      expect(await caught(pool.acquire())).toMatchObject({ code: 'HYG_CONNECT_FAILED' });
      await sleep(20);
    }
  });
});

describe('a password', () => {
  test('that is wrong: all who wait are refused at once, and the process may end', async () => {
    const factory = the.open({
      connection: { host: redis.server.host, port: redis.server.port, password: 'wrong-1' },
    });
    const pool = factory.pool({ max: 2 });
    const start = Date.now();
    const errors = await Promise.all([1, 2, 3, 4, 5].map(() => caught(pool.use((client) => client.ping()))));
    expect(Date.now() - start).toBeLessThan(1_500);
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'HYG_AUTH_REFUSED' });
      expect(`${error.message}${error.stack ?? ''}${JSON.stringify(error)}`).not.toContain('wrong-1');
    }
    await eventually(() => expect(factory.connections()).toEqual([]), 12_000);
    expect(await caught(pool.acquire())).toMatchObject({ code: 'HYG_AUTH_REFUSED' });
  });

  test('that is wrong: callers that come one after the other make no login each', async () => {
    const { host, port } = redis.server;
    const front = await door((socket) => socket.pipe(connect(port, host)).pipe(socket));
    const pool = the.open({ connection: { ...front.connection, password: 'wrong-1' } }).pool({ max: 3 });
    for (let i = 0; i < 100; i += 1) {
      expect(await caught(pool.use((client) => client.ping()))).toMatchObject({ code: 'HYG_AUTH_REFUSED' });
    }
    expect(front.dials).toBe(1);
    expect(pool.statistics()).toMatchObject({ created: 0, pending: 0 });
  });

  test('that works again: within two seconds the pool does too', async () => {
    const factory = the.open();
    const pool = factory.pool({ max: 1 });
    await redis.admin.config('SET', 'requirepass', 'another');
    expect(await caught(pool.acquire())).toMatchObject({ code: 'HYG_AUTH_REFUSED' });
    await redis.admin.config('SET', 'requirepass', PASSWORD);
    await eventually(async () => expect(await pool.use((client) => client.ping())).toBe('PONG'), 3_000);
  });
});
