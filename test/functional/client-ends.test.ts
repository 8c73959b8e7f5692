import type { Redis, RedisOptions } from 'ioredis';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { answerAsOldServer, answerCommands, bulk, useFakeServer } from '../support/fake-server.js';
import { inTime } from '../support/in-time.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const startFake = useFakeServer();

const TIMEOUT_MS = 10_000;

function open(options: RedisOptions = {}): Redis {
  const client = orders.open().client({ maxRetriesPerRequest: null, ...options });
  client.on('error', () => undefined);
  return client;
}

const outcomeOf = (command: Promise<unknown>) =>
  inTime(
    'the end of a command',
    command.then(
      () => 'answered',
      (error: unknown) => (error as Error).message,
    ),
    TIMEOUT_MS,
  );

/** Nobody listens at this port. */
const NOBODY = { host: '127.0.0.1', port: 1 };

async function expectEnd(client: Redis): Promise<void> {
  await eventually(() => expect(client.status).toBe('end'), TIMEOUT_MS);
  // A question to a sentinel goes on for a moment.
  await eventually(() => expect(orders.factory.connections()).toEqual([]), TIMEOUT_MS);
}

describe('a client that waits to redial', () => {
  const waits = { ...NOBODY, retryStrategy: () => 600_000 };

  test('ends by disconnect(), rejects what waits, and may connect again', async () => {
    const client = open(waits);
    await eventually(() => expect(client.status).toBe('reconnecting'));
    const waiting = [outcomeOf(client.get('key')), outcomeOf(client.blpop('list', 0))];
    const ended = once(client, 'end');
    client.disconnect();
    await inTime('end', ended, TIMEOUT_MS);
    expect(await Promise.all(waiting)).toEqual(Array(2).fill('Connection is closed.'));
    await expectEnd(client);
    client.options.host = redis.server.host;
    client.options.port = redis.server.port;
    await client.connect();
    expect(await client.ping()).toBe('PONG');
  });

  test('ends by quit(), and code behind quit() can listen for the end', async () => {
    const client = open(waits);
    await eventually(() => expect(client.status).toBe('reconnecting'));
    // Called as a timer or a socket would call it: process.nextTick() comes before the promise then.
    await new Promise((resolve) => setImmediate(resolve));
    const ended = client.quit().then(() => once(client, 'end'));
    await inTime('end', ended, TIMEOUT_MS);
    await expectEnd(client);
  });

  test('ends when its retry strategy calls disconnect()', async () => {
    let client: Redis | undefined = undefined;
    const retryStrategy = () => {
      client?.disconnect();
      return 600_000;
    };
    client = open({ ...NOBODY, retryStrategy });
    await expectEnd(client);
  });

  test('rejects what was in flight when its connection was lost', async () => {
    const client = open({ retryStrategy: () => 600_000 });
    await client.ping();
    const popped = outcomeOf(client.blpop('list', 0));
    client.stream.destroy();
    await eventually(() => expect(client.status).toBe('reconnecting'));
    client.disconnect();
    expect(await popped).toBe('Connection is closed.');
    await expectEnd(client);
  });

  test('stays open when it is told to connect again in the same turn', async () => {
    const delays = [600_000, 1];
    const client = open({ retryStrategy: () => delays.shift() });
    await client.ping();
    client.stream.destroy();
    await eventually(() => expect(client.status).toBe('reconnecting'));
    client.disconnect();
    await client.connect();
    expect(await client.ping()).toBe('PONG');
    client.stream.destroy(); // this loss is followed by a redial
    const closed = once(client, 'close');
    await closed;
    expect(await client.ping()).toBe('PONG');
  });
});

describe('disconnect() ends a client', () => {
  const unanswered = (options: (port: number) => RedisOptions) => async () =>
    options((await startFake(() => undefined)).port);

  test.each([
    ['in a TLS handshake', unanswered((port) => ({ host: '127.0.0.1', port, tls: {} }))],
    ['in an unanswered handshake', unanswered((port) => ({ host: '127.0.0.1', port }))],
    [
      'whose host name is being looked up',
      unanswered(() => ({ host: 'nobody.invalid', tls: { lookup: () => undefined } })),
    ],
    [
      'that searches for a master',
      unanswered((port) => ({ name: 'master', sentinels: [{ host: '127.0.0.1', port }] })),
    ],
  ])('%s, and rejects what waits', async (_state, prepare) => {
    const client = open({ disconnectTimeout: 50, ...(await prepare()) });
    // A socket, of which nothing comes, or a connection to the sentinel.
    await eventually(() => expect(orders.factory.connections()[0]?.state).toMatch(/^connect/));
    const waiting = outcomeOf(client.get('key'));
    client.disconnect();
    expect(await waiting).toBe('Connection is closed.');
    await expectEnd(client);
  });

  test('that waits for its turn to dial, and rejects what waits', async () => {
    const fake = await startFake(() => undefined);
    orders.open({ limits: { connecting: 1 }, connection: fake.url });
    const [first, second] = [orders.factory.client(), orders.factory.client()];
    await eventually(() => expect(first.status).toBe('connect'));
    const waiting = outcomeOf(second.get('key'));
    second.disconnect();
    expect(await waiting).toBe('Connection is closed.');
    expect(second.status).toBe('end');
  });
});

describe('disconnect(true) does not end a client', () => {
  test('that was just made', async () => {
    const client = open();
    client.disconnect(true);
    expect(await client.ping()).toBe('PONG');
  });

  test('that waits for its turn to dial', async () => {
    const first = orders.open({ limits: { connecting: 1 } }).client();
    const second = orders.factory.client();
    second.disconnect(true);
    expect(await Promise.all([first.ping(), second.ping()])).toEqual(['PONG', 'PONG']);
  });
});

test.each(['disconnect', 'quit'] as const)(
  'connect() while the client waits to redial, and then %s(), leave no dial behind',
  async (end) => {
    const client = open({ port: 1, retryStrategy: () => 50 });
    await eventually(() => expect(client.status).toBe('reconnecting'));
    client.connect().catch(() => undefined);
    client[end]()?.catch(() => undefined);
    await eventually(() => expect(client.status).toBe('end'));
    const statuses: string[] = [];
    for (const status of ['connecting', 'reconnecting']) client.on(status, () => statuses.push(status));
    await sleep(300);
    expect([client.status, statuses]).toEqual(['end', []]);
  },
);

test('disconnect(true) does not end a client that searches for its master', async () => {
  const found = { value: false };
  let asked = 0;
  const findMaster = () => {
    asked += 1;
    return found.value && redis.server;
  };
  const sentinel = await startFake((socket) => answerAsSentinel(socket, findMaster));
  const client = open({ name: 'master', sentinels: [sentinel], failoverDetector: false, role: 'master' });
  await eventually(() => expect(asked).toBeGreaterThan(1));
  client.disconnect(true);
  found.value = true;
  expect(await inTime('the answer', client.ping(), TIMEOUT_MS)).toBe('PONG');
});

/** Answers commands as a sentinel does that knows a master, or none. */
function answerAsSentinel(socket: Socket, findMaster: () => { host: string; port: number } | false): void {
  answerCommands(socket, (command) => {
    if (!command.includes('get-master-addr-by-name')) return answerAsOldServer(command);
    const master = findMaster();
    return master ? `*2\r\n${bulk(master.host)}${bulk(String(master.port))}` : '*-1\r\n';
  });
}

test('a command in flight is rejected with the others after maxRetriesPerRequest handshakes that broke', async () => {
  const isCut = { value: false };
  const sockets: Socket[] = [];
  const fake = await startFake((socket) => {
    if (isCut.value) return void socket.once('data', () => socket.destroy());
    sockets.push(socket);
    const upstream = connect(redis.server.port, redis.server.host).on('error', () => undefined);
    socket.pipe(upstream).pipe(socket);
  });
  const client = open({ ...fake, maxRetriesPerRequest: 2, retryStrategy: () => 1 });
  await client.ping();
  const outcomes = [outcomeOf(client.blpop('list', 0))];
  isCut.value = true;
  sockets.forEach((socket) => socket.destroy());
  await eventually(() => expect(client.status).not.toBe('ready'));
  outcomes.push(outcomeOf(client.get('key')));
  for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatch(/max retries per request/);
});
