import { Redis as Raw } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { answerCommands, bulk, useFakeServer } from '../support/fake-server.js';
import { quietNow } from '../support/quiet-clock.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis({
  args: [
    ...['--enable-debug-command', 'yes', '--busy-reply-threshold', '50'],
    ...['--loading-process-events-interval-bytes', '1024'], // without it the server answers no client until it has loaded
  ],
});
const orders = useFactory(redis);
const startFake = useFakeServer();

/** Options with which ioredis 5 waits for no answer before the first command, and ioredis 6 only if it selects a database. */
const LEAN = { protocol: 2, disableClientInfo: true, enableReadyCheck: false } as const;
const isMajor5 = process.execArgv.join().includes('ioredis5');

async function countDials(): Promise<number> {
  return Number(/^total_connections_received:(\d+)/m.exec(await redis.admin.info('stats'))?.[1]);
}

const states = () => orders.factory.connections().map(({ state }) => state);

describe('while the server runs a script', () => {
  let scriptClient: Raw;
  let script: Promise<unknown>;
  beforeEach(async () => {
    scriptClient = new Raw(redis.server.port, redis.server.host, { disableClientInfo: true });
    await scriptClient.ping();
    script = scriptClient.eval('while true do end', 0).catch((error: unknown) => error);
    await eventually(() => expect(redis.admin.ping()).rejects.toThrow('BUSY'));
  });
  const kill = async () => {
    await redis.admin.call('SCRIPT', 'KILL');
    await script;
  };
  afterEach(async () => {
    await kill().catch(() => undefined);
    await script;
    scriptClient.disconnect();
  });

  test.for([true, false])(
    'a new client keeps its connection, its commands wait, and its handshake is repeated later (ready check: %s)',
    async (enableReadyCheck) => {
      const factory = orders.open({ handshakeTimeoutMs: 1_000 });
      const clients = [1, 2, 3, 4, 5, 6].map(() => factory.client({ db: 3, enableReadyCheck }));
      clients.forEach((client) => client.on('error', () => undefined));
      const written = clients.map((client, index) => client.set(`busy:${index}`, '1'));
      await pause(3_000);
      expect(states()).toEqual(clients.map(() => 'connected'));
      expect(factory.connections().map((connection) => connection.dials)).toEqual([1, 1, 1, 1, 1, 1]);
      await kill();
      const before = await countDials();
      expect(await Promise.all(written)).toEqual(clients.map(() => 'OK'));
      expect(await countDials()).toBeLessThanOrEqual(before + 6);
      expect(orders.errors).toEqual([]); // the name was set
      expect(await redis.names()).toEqual(['', ...clients.map(() => 'orders@web-1')]);
      await redis.admin.select(3);
      expect(await redis.admin.exists(...clients.map((_client, index) => `busy:${index}`))).toBe(6);
      await redis.admin.select(0);
    },
  );

  test('a client that does not wait for its handshake gets its database and its name later, on the same connection', async () => {
    const client = orders.open().client({ ...LEAN, db: isMajor5 ? 3 : 0 });
    client.on('error', () => undefined);
    await expect(client.get('a')).rejects.toThrow('BUSY');
    await kill();
    await eventually(async () => expect(await redis.names()).toEqual(['', 'orders@web-1']));
    expect(await client.client('INFO')).toContain(isMajor5 ? ' db=3 ' : ' db=0 ');
    await eventually(() =>
      expect(orders.factory.connections()).toMatchObject([{ state: 'ready', dials: 1 }]),
    );
    expect(orders.errors).toEqual([]);
  });

  test('a waiting client can disconnect', async () => {
    const client = orders.open().client();
    client.on('error', () => undefined);
    await eventually(() => expect(states()).toEqual(['connected']));
    client.disconnect();
    await eventually(() => expect(states()).toEqual([]));
  });

  test('a shutdown ends within its deadline', async () => {
    const client = orders.open().client();
    client.on('error', () => undefined);
    const waiting = expect(client.get('a')).rejects.toThrow();
    await eventually(() => expect(states()).toEqual(['connected']));
    const start = quietNow();
    await orders.factory.shutdown({ timeoutMs: 500 });
    expect(quietNow() - start).toBeLessThan(500 + 500);
    await waiting;
  });
});

test('while the server loads its data clients keep their connections, and do not block other dials', async () => {
  await redis.admin.call('DEBUG', 'POPULATE', '3000');
  await redis.admin.config('SET', 'key-load-delay', '1000'); // microseconds per key
  const before = await countDials();
  const loaded = redis.admin.call('DEBUG', 'RELOAD');
  const factory = orders.open();
  const clients = Array.from({ length: 10 }, () => factory.client());
  const replies = clients.map((client) => client.dbsize());
  await eventually(() => expect(states()).toEqual(clients.map(() => 'connected')), 2_500);
  await loaded;
  await redis.admin.config('SET', 'key-load-delay', '0');
  expect(await Promise.all(replies)).toEqual(clients.map(() => 3_000));
  expect((await countDials()) - before).toBe(10);
  expect(orders.errors.map(({ code }) => code)).toEqual(clients.map(() => 'HYG_SERVER_LOADING'));
});

test('a wrong password is tried at most once per second, and less often with each refusal', async () => {
  const { host, port } = redis.server;
  await redis.admin.acl('SETUSER', 'app', 'on', '>right', '~*', '+@all');
  const factory = orders.open({ connection: { host, port, username: 'app', password: 'wrong' } });
  const client = factory.client();
  client.on('error', () => undefined);
  await pause(3_500);
  const tries = factory.connections()[0]?.dials ?? 0;
  expect(tries).toBeGreaterThanOrEqual(2);
  expect(tries).toBeLessThanOrEqual(3);
  expect(orders.errors.map(({ code }) => code)).toEqual(
    Array.from({ length: tries }, () => 'HYG_AUTH_REFUSED'),
  );
});

test('with a retry strategy of the application a wrong password is tried as often as the strategy says', async () => {
  const { host, port } = redis.server;
  const client = orders
    .open({ connection: { host, port, username: 'app', password: 'wrong' } })
    .client({ retryStrategy: () => 10 });
  client.on('error', () => undefined);
  await eventually(() => expect(orders.errors.length).toBeGreaterThan(5));
});

test('a server that refuses CLIENT alone as busy is dialled again with the usual delays', async () => {
  const fake = await startFake((socket) =>
    answerCommands(socket, (command) => {
      if (command.startsWith('client')) return '-BUSY Redis is busy running a script.\r\n';
      return command.startsWith('info') ? bulk('redis_version:7.0.0\r\nloading:0') : '+OK\r\n';
    }),
  );
  const options = { retryStrategy: () => 600_000, protocol: 2, disableClientInfo: true } as const;
  const client = orders.open({ connection: fake.url }).client(options);
  client.on('error', () => undefined);
  await eventually(() => expect(client.status).toBe('reconnecting'), 15_000);
  await pause(300); // without the delay it would dial again several times
  expect([client.status, fake.accepted.length]).toEqual(['reconnecting', 1]);
  client.disconnect();
});

test('a client that was ready at once asks such a server again and again, with growing pauses', async () => {
  const asked: number[] = [];
  const fake = await startFake((socket) =>
    answerCommands(socket, (command) => {
      if (command === 'client info') asked.push(performance.now());
      if (command.startsWith('client')) return '-BUSY Redis is busy running a script.\r\n';
      return command.startsWith('info') ? bulk('redis_version:7.0.0\r\nloading:0') : '+OK\r\n';
    }),
  );
  const client = orders.open({ connection: fake.url }).client(LEAN);
  client.on('error', () => undefined);
  await client.ping();
  await eventually(() => expect(asked.length).toBeGreaterThanOrEqual(14), 30_000);
  // The first pauses are 50 to 150 ms long: without growth it would take some 1.3 s.
  expect((asked[13] ?? 0) - (asked[0] ?? 0)).toBeGreaterThan(2_000);
  expect(fake.accepted).toHaveLength(1);
  client.disconnect();
});
