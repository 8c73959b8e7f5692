import { once } from 'node:events';
import { Command, type Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { connectionOf } from '../../src/connect/connectors/enforced-connector.js';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

type Step = (client: Redis) => Promise<unknown>;

function send(client: Redis, name: string): Promise<unknown> {
  return client.sendCommand(new Command(name)) as Promise<unknown>;
}

/** Whether a health check that finds this connection silent would send a PING. */
function isPinged(client: Redis): boolean {
  return connectionOf(clientInternals(client).connector)?.owner?.expectation() === 'nothing';
}

function hasOwnSendCommand(client: Redis): boolean {
  return Object.hasOwn(client, 'sendCommand');
}

async function openClient(options = {}): Promise<Redis> {
  const client = orders.open({ reconnectCapMs: 100 }).client(options);
  await client.ping();
  expect(isPinged(client)).toBe(true);
  return client;
}

const beginnings: readonly (readonly [string, Step])[] = [
  ['multi({ pipeline: false })', (client) => client.multi({ pipeline: false })],
  [
    'multi([], { pipeline: false })',
    (client) => Reflect.apply(client.multi, client, [[], { pipeline: false }]) as Promise<unknown>,
  ],
  ['call("multi")', (client) => client.call('multi')],
  ['multiBuffer()', (client) => (client as unknown as { multiBuffer(): Promise<unknown> }).multiBuffer()],
  ['callBuffer("MULTI")', (client) => client.callBuffer('MULTI')],
  [
    'send_command("multi")',
    (client) => (client as unknown as { send_command(name: string): Promise<unknown> }).send_command('multi'),
  ],
];

const ends: readonly (readonly [string, Step])[] = [
  ['exec()', (client) => client.exec()],
  ['execBuffer()', (client) => (client as unknown as { execBuffer(): Promise<unknown> }).execBuffer()],
  ['discard()', (client) => client.discard()],
  ['call("EXEC")', (client) => client.call('EXEC')],
  ['call("DISCARD")', (client) => client.call('DISCARD')],
  ['call("reset")', (client) => client.call('reset')],
  ['sendCommand("exec")', (client) => send(client, 'exec')],
  [
    'exec() that the server aborts because of an earlier error',
    async (client) => {
      await client.call('nosuch').catch(() => undefined);
      await expect(client.exec()).rejects.toThrow('EXECABORT');
    },
  ],
  [
    'exec() after the change of a watched key',
    async (client) => {
      await redis.admin.incr('watched');
      expect(await client.exec()).toBeNull();
    },
  ],
  [
    'the loss of the connection',
    async (client) => {
      clientInternals(client).stream?.destroy();
      await once(client, 'ready');
      await client.unwatch(); // the WATCH was lost too, which the next EXEC would be told
    },
  ],
];

describe.each(beginnings)('a transaction opened by %s', (_, begin) => {
  test.each(ends)('is not pinged until it is ended by %s', async (_end, end) => {
    const client = await openClient();
    await client.watch('watched');
    await begin(client);
    await client.set('k', 1);
    expect(isPinged(client)).toBe(false);
    await end(client);
    expect(isPinged(client)).toBe(true);
    expect(hasOwnSendCommand(client)).toBe(false);
  });

  test('through a lease is not pinged until its end, and then again while the lease lasts', async () => {
    await using pool = orders.open().pool({ max: 1 });
    await pool.use(async (client) => {
      await client.ping();
      expect(isPinged(client)).toBe(true);
      await begin(client);
      await client.set('k', 1);
      expect(isPinged(client)).toBe(false);
      await client.exec();
      expect(isPinged(client)).toBe(true);
    });
  });
});

test('a lease is not pinged while a MULTI that was given to sendCommand is open', async () => {
  await using pool = orders.open().pool({ max: 1 });
  const { client, release } = await pool.acquire();
  await send(client, 'MULTI');
  expect(isPinged(client)).toBe(false);
  await send(client, 'EXEC');
  expect(isPinged(client)).toBe(true);
  await send(client, 'multi');
  await release();
  await pool.use((next) => {
    expect(isPinged(next)).toBe(true);
    return Promise.resolve();
  });
});

test('a connection whose DISCARD the server has refused is not given to the next borrower', async () => {
  await redis.admin.call('ACL', 'SETUSER', 'borrower', 'on', '>pw', '~*', '+@all', '-discard');
  const { host, port } = redis.server;
  const factory = orders.open({ connection: { host, port, username: 'borrower', password: 'pw' } });
  await using pool = factory.pool({ max: 1 });
  await pool.use(async (client) => {
    await client.multi({ pipeline: false });
    await expect(client.discard()).rejects.toThrow('NOPERM');
  });
  expect(await pool.use((client) => client.set('k', 1))).toBe('OK');
});

describe('a client is pinged again', () => {
  test('if the server refuses MULTI', async () => {
    await redis.admin.call('ACL', 'SETUSER', 'single', 'on', '>pw', '~*', '+@all', '-multi');
    const client = await openClient({ username: 'single', password: 'pw' });
    await expect(client.multi({ pipeline: false })).rejects.toThrow('NOPERM');
    expect(isPinged(client)).toBe(true);
    expect(hasOwnSendCommand(client)).toBe(false);
  });

  test('after the last of two transactions that were sent at once', async () => {
    const client = await openClient();
    const first = [client.multi({ pipeline: false }), client.exec()];
    const second = client.multi({ pipeline: false });
    await Promise.all([...first, second]);
    expect(isPinged(client)).toBe(false);
    await client.exec();
    expect(isPinged(client)).toBe(true);
  });
});

describe('a client is still not pinged', () => {
  test('if the server refuses DISCARD, which leaves the transaction open', async () => {
    await redis.admin.call('ACL', 'SETUSER', 'patient', 'on', '>pw', '~*', '+@all', '-discard');
    const client = await openClient({ username: 'patient', password: 'pw' });
    await client.multi({ pipeline: false });
    await expect(client.discard()).rejects.toThrow('NOPERM');
    expect(isPinged(client)).toBe(false);
    await expect(client.exec()).rejects.toThrow('EXECABORT');
    expect(isPinged(client)).toBe(true);
  });

  test('after a second MULTI, which the server refuses', async () => {
    const client = await openClient();
    await client.multi({ pipeline: false });
    await expect(client.call('multi')).rejects.toThrow('nested');
    await client.call('multi', 'x').catch(() => undefined);
    expect(isPinged(client)).toBe(false);
    await client.exec().catch(() => undefined);
    expect(isPinged(client)).toBe(true);
  });

  test('on the next connection, if MULTI was waiting to be sent when the first one broke', async () => {
    const client = orders.open({ reconnectCapMs: 100 }).client({ maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    client.once('connect', () => clientInternals(client).stream?.destroy());
    await client.multi({ pipeline: false });
    expect(orders.factory.connections()).toMatchObject([{ dials: 2 }]);
    expect(await client.set('k', 1)).toBe('QUEUED');
    expect(isPinged(client)).toBe(false);
    await client.exec();
    expect(isPinged(client)).toBe(true);
  });
});

test('a sendCommand of the application is called in a transaction, and stays after it', async () => {
  const client = await openClient();
  const names: string[] = [];
  const plain = client.sendCommand.bind(client);
  const own: typeof plain = (command, ...rest) => {
    names.push(command.name);
    return plain(command, ...rest);
  };
  client.sendCommand = own;
  await client.multi({ pipeline: false });
  await client.get('k');
  await client.exec();
  expect(names).toEqual(['multi', 'get', 'exec']);
  expect(client.sendCommand).toBe(own);
});
