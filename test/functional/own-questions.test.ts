import type { RedisOptions } from 'ioredis';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { createRedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { answerAsOldServer, answerCommands, bulk, useFakeServer } from '../support/fake-server.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const startFake = useFakeServer();

/** Options with which ioredis waits for no answer before the first command. */
const LEAN = { protocol: 2, disableClientInfo: true, enableReadyCheck: false } as const;

/** A user who may do everything but this. */
async function createUser(name: string, denied: string): Promise<RedisOptions> {
  await redis.admin.call('ACL', 'SETUSER', name, 'on', '>secret', '~*', '&*', '+@all', ...denied.split(' '));
  return { username: name, password: 'secret' };
}

test.each([
  ['-info', {}],
  ['-info', { enableReadyCheck: false }],
  ['-client', {}],
  ['-ping', {}],
  ['-client', LEAN],
])(
  'with %s %o the caller’s reconnectOnError does not hear of commands that it did not send',
  async (denied, given) => {
    const user = await createUser('guest', denied);
    const heard: string[] = [];
    const reconnectOnError = (error: Error) => Boolean(heard.push(error.message));
    const client = orders
      .open({ heartbeatIntervalMs: 1_000 })
      .client({ ...user, ...given, reconnectOnError });
    client.on('error', () => undefined);
    await client.set('key', 'value');
    let dials = 0;
    client.on('connect', () => (dials += 1));
    if (denied === '-ping')
      await eventually(async () =>
        expect(await redis.admin.call('ACL', 'LOG')).toContainEqual(expect.arrayContaining(['ping'])),
      );
    expect(await client.get('key')).toBe('value');
    expect([heard, dials]).toEqual([[], 0]);
    await expect(client.call('NOTACOMMAND')).rejects.toThrow();
    expect(heard).toEqual([expect.stringContaining('unknown command')]);
  },
);

test.each([
  ['a client', {}, 99],
  ['a client that waits to be asked', { lazyConnect: true }, 99],
  ['a client that does not wait for its handshake', LEAN, 99],
])('%s reports that its database was refused, also after a reconnect', async (_kind, options, db) => {
  const client = orders.open({ reconnectBaseMs: 1 }).client({ db, ...options });
  const emitted: Error[] = [];
  client.on('error', (error) => emitted.push(error));
  await client.ping();
  const refusal = expect.objectContaining({
    code: 'HYG_DATABASE_REFUSED',
    message: expect.stringContaining('database 99') as string,
  }) as object;
  await eventually(() => expect(orders.errors).toEqual([refusal]));
  const closed = once(client, 'close');
  client.stream.destroy();
  await closed;
  await client.ping();
  await eventually(() => expect(orders.errors).toEqual([refusal, refusal]));
  expect(emitted.map(({ message }) => message)).toEqual(Array(2).fill('ERR DB index is out of range'));
});

test('a database in the URL that is refused is reported', async () => {
  const factory = createRedisFactory({ service: 'orders', connection: `${redis.server.url}/99` });
  const errors: unknown[] = [];
  factory.on('error', (error) => errors.push(error));
  const client = factory.client();
  client.on('error', () => undefined);
  await client.ping();
  await eventually(() => expect(errors).toMatchObject([{ code: 'HYG_DATABASE_REFUSED' }]));
  await factory.shutdown();
});

test.each<[string, RedisOptions]>([
  ['default options', {}],
  ['no ready check', { enableReadyCheck: false }],
  ['a password', { username: 'guest', password: 'secret' }],
  ['a database', { db: 1 }],
])('with %s the first command waits for one round trip', async (_options, given) => {
  let writes = 0;
  let writesAtCommand = 0;
  const fake = await startFake((socket) => {
    socket.on('data', (data) => {
      writes += 1;
      if (data.includes('key')) writesAtCommand = writes;
    });
    answerCommands(socket, (command) => {
      if (command.startsWith('hello')) return '*2\r\n$5\r\nproto\r\n:3\r\n';
      if (command.startsWith('auth')) return '+OK\r\n';
      return command === 'get key' ? '$-1\r\n' : answerAsNewServer(command);
    });
  });
  const client = orders.open({ connection: fake.url }).client(given);
  expect(await client.get('key')).toBeNull();
  expect(writesAtCommand).toBe(2);
});

test('monitored commands that come in one piece with the reply to MONITOR cause no error', async () => {
  const line = '+1700000000.000001 [0 127.0.0.1:5000] "get" "key"\r\n';
  const fake = await startFake((socket) =>
    answerCommands(socket, (command) =>
      command === 'monitor' ? `+OK\r\n${line.repeat(5)}` : answerAsOldServer(command),
    ),
  );
  const client = orders.open({ connection: fake.url }).client();
  const monitor = await client.monitor();
  const errors: Error[] = [];
  monitor.on('error', (error) => errors.push(error));
  const next = once(monitor, 'monitor');
  fake.accepted.at(-1)?.write(line);
  expect((await next).slice(1)).toEqual([['get', 'key'], '127.0.0.1:5000', '0']);
  expect([errors, monitor.status]).toEqual([[], 'monitoring']);
  monitor.disconnect();
});

test.each([
  ['a server before Redis 6.2', answerAsOldServer],
  ['a server that tells all', answerAsNewServer],
])('of %s the first questions are asked in one write with the handshake', async (_server, answer) => {
  const rounds: string[] = [];
  const fake = await startFake((socket) => {
    socket.on('data', (data) => rounds.push(data.toString().toLowerCase()));
    answerCommands(socket, (command) => (command === 'get key' ? '$-1\r\n' : answer(command)));
  });
  const client = orders
    .open({ connection: fake.url })
    .client({ protocol: 2, disableClientInfo: true, db: 1 });
  expect(await client.get('key')).toBeNull();
  const words = ['select', 'setname', '$6\r\nclient\r\n$4\r\ninfo', '*1\r\n$4\r\ninfo'];
  expect(words.filter((word) => !rounds[0]?.includes(word))).toEqual([]);
  // Neither the ready check nor the questions to an old server are waited for.
  expect(rounds.findIndex((round) => round.includes('key'))).toBeLessThanOrEqual(
    rounds[1]?.includes('getname') ? 2 : 1,
  );
});

function answerAsNewServer(command: string): string {
  if (command.startsWith('client setname')) return '+OK\r\n';
  if (command !== 'client info') return answerAsOldServer(command);
  return bulk('id=7 addr=127.0.0.1:1 laddr=127.0.0.1:2 name=orders@web-1 age=0 idle=0');
}

test('an application that replaces info() is asked by the ready check', async () => {
  const client = orders.open().client({ lazyConnect: true });
  const info = vi.spyOn(client, 'info');
  await client.connect();
  expect(info).toHaveBeenCalledOnce();
  expect(await client.ping()).toBe('PONG');
});
