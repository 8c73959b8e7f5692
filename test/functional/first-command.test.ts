import { Redis as Raw, type Redis, type RedisOptions } from 'ioredis';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import type { Mode } from '../../src/options/environment.js';
import { eventually } from '../support/eventually.js';
import { answerAsOldServer, answerCommands, useFakeServer } from '../support/fake-server.js';
import { inTime } from '../support/in-time.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const startFake = useFakeServer();

/** Options with which ioredis waits for no answer before the first command. */
const LEAN = { protocol: 2, disableClientInfo: true, enableReadyCheck: false } as const;

/** ioredis 6 waits for the answers to AUTH and SELECT, ioredis 5 does not. */
const isMajor5 = process.execArgv.join().includes('ioredis5');
const withLogin = isMajor5 ? { username: 'guest', password: 'secret', db: 3 } : {};

/** A server that keeps all answers back until it has got the command. Returns what it has got by then. */
async function startSilentServer(command: string) {
  const got: string[] = [];
  const fake = await startFake((socket) => {
    let answers = '';
    answerCommands(socket, (each) => {
      got.push(each);
      answers += each === command ? '$5\r\nvalue\r\n' : '+OK\r\n';
      if (each !== command) return '';
      const [sent] = [answers, (answers = '')];
      return sent;
    });
  });
  return { fake, got };
}

test.each<[string, Mode | 'raw']>([
  ['as in ioredis', 'raw'],
  ['', 'enforce'],
  ['in the mode observe', 'observe'],
])('a client that waits for nothing sends its first command before any answer %s', async (_title, mode) => {
  const { fake, got } = await startSilentServer('get key');
  const options: RedisOptions = { ...LEAN, ...withLogin };
  const client =
    mode === 'raw'
      ? new Raw(fake.port, fake.host, options)
      : orders.open({ connection: fake.url, mode }).client(options);
  expect(await inTime('the answer', client.get('key'), 10_000)).toBe('value');
  const names = got.filter((command) => command.startsWith('client setname'));
  expect(names).toEqual(mode === 'raw' ? [] : ['client setname orders@web-1']);
  if (mode !== 'raw') expect(client.options.connectionName).toBe('orders@web-1');
  client.disconnect();
});

test('such a client is ready in the ledger as soon as the server has answered, with its name and id', async () => {
  await redis.admin.call('ACL', 'SETUSER', 'guest', 'on', '>secret', '~*', '&*', '+@all');
  const client = orders.open().client({ ...LEAN, ...withLogin });
  await once(client, 'ready');
  expect(orders.factory.connections()).toMatchObject([{ state: 'connected', clientId: undefined }]);
  const clientId = await client.client('ID');
  await eventually(() => expect(orders.factory.connections()).toMatchObject([{ state: 'ready', clientId }]));
  expect(await redis.names()).toContain('orders@web-1');
  expect(orders.errors).toEqual([]);
  const copy = client.duplicate();
  await once(copy, 'ready');
  expect(orders.factory.connections()[1]).toMatchObject({ name: 'orders@web-1', state: 'connected' });
});

test.each<[string, RedisOptions, (socket: Socket) => void]>([
  ['closes its connections', LEAN, (socket) => void socket.once('data', () => socket.end())],
  [
    'refuses its password',
    { ...LEAN, password: 'wrong' },
    (socket) => answerCommands(socket, () => '-WRONGPASS no\r\n'),
  ],
])('the attempts of such a client to reach a server that %s are counted', async (_what, options, act) => {
  const fake = await startFake(act);
  const attempts: number[] = [];
  const retryStrategy = (times: number) => (attempts.push(times) === 2 ? null : 1);
  const client = orders.open({ connection: fake.url }).client({ ...options, retryStrategy });
  client.on('error', () => undefined);
  await eventually(() => expect(client.status).toBe('end'), 20_000);
  expect(attempts).toEqual([1, 2]);
});

test.each<[string, (client: Redis) => void]>([
  ['an orphan', (client) => void clientInternals(client).stream?.destroy()],
  [
    'commands to send again',
    (client) => {
      client.blpop('list', 0).catch(() => undefined);
      void redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    },
  ],
])('such a client with %s waits for the answers before it goes on', async (_what, lose) => {
  const client = orders.open({ reconnectBaseMs: 1 }).client(LEAN);
  client.on('error', () => undefined);
  await client.ping();
  await eventually(() => expect(orders.factory.connections()).toMatchObject([{ state: 'ready' }]));
  const ready = once(client, 'ready');
  lose(client);
  await ready;
  expect(orders.factory.connections()).toMatchObject([{ state: 'ready' }]);
  expect(orders.factory.orphans()).toEqual([]);
  client.disconnect();
});

test.each<Mode>(['enforce', 'observe'])(
  'a pool of such clients lends none whose database is refused, in the mode %s',
  async (mode) => {
    const factory = orders.open({ mode });
    const pool = factory.pool({ max: 1, acquireTimeoutMs: 500, connection: { ...LEAN, db: 99 } });
    await expect(pool.use((client) => client.ping())).rejects.toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT' });
  },
);

test('a transaction of such a client gets no steps of ours from a server that is asked again', async () => {
  const got: string[] = [];
  const replies: Record<string, string> = {
    multi: '+OK\r\n',
    'get key': '+QUEUED\r\n',
    exec: '*1\r\n$-1\r\n',
  };
  const fake = await startFake((socket) =>
    answerCommands(socket, (command) => {
      got.push(command);
      return replies[command] ?? answerAsOldServer(command);
    }),
  );
  const client = orders.open({ connection: fake.url }).client(LEAN);
  await client.multi({ pipeline: false });
  await client.get('key');
  expect(await client.exec()).toEqual([[null, null]]);
  expect(got.slice(got.indexOf('multi'))).toEqual(['multi', 'get key', 'exec']);
});

test.each<[string, RedisOptions]>([
  ['a client', {}],
  ['such a client', LEAN],
])('%s whose first command opens a transaction has its name', async (_what, options) => {
  const client = orders.open().client(options);
  await client.multi({ pipeline: false });
  await client.get('key');
  const names = String(await redis.admin.client('LIST')).match(/ name=\S*/g);
  expect(names).toContain(` name=${orders.factory.connections()[0]?.name}`);
  expect(await client.exec()).toEqual([[null, null]]);
});
