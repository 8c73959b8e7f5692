import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';
import { HygieneError } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { printed, useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const PASSWORD = 's3cret/with:odd@signs';
const redis = useRedis({ password: PASSWORD }, { password: PASSWORD });
const orders = useFactory(redis);

describe('a refused password', () => {
  const connection = () => ({ host: redis.server.host, port: redis.server.port, password: 'wr0ng-one' });

  test('causes the same HygieneError in commands, the client’s error event and the factory’s error event', async () => {
    const client = orders.open({ connection: connection() }).client();
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    const rejection: unknown = await client.get('key').catch((error: unknown) => error);

    expect(rejection).toBeInstanceOf(HygieneError);
    expect(rejection).toMatchObject({
      code: 'HYG_AUTH_REFUSED',
      details: { name: 'orders@web-1', role: 'command' },
    });
    expect((rejection as Error).message).toContain('WRONGPASS');
    await eventually(() => expect(orders.errors[0]).toBe(rejection));
    expect(errors[0]).toBe(rejection);
  });

  test('never appears in a message, event, ledger entry, stack or printed client', async () => {
    const output: unknown[] = [];
    const spies = (['error', 'warn', 'log'] as const).map((method) =>
      vi.spyOn(console, method).mockImplementation((...args) => void output.push(...args)),
    );
    const client = orders.open({ connection: connection() }).client(); // without an error listener, ioredis prints errors
    const rejection = await client.get('key').catch((error: unknown) => error);
    await eventually(() => expect(orders.errors.length).toBeGreaterThan(0));
    const everything = printed(
      rejection,
      orders.errors,
      output,
      client,
      orders.factory,
      orders.factory.connections(),
    );
    spies.forEach((spy) => spy.mockRestore());

    expect(output.length).toBeGreaterThan(0);
    expect(everything).toContain('WRONGPASS');
    expect(everything).not.toContain('wr0ng-one');
  });

  test('that is missing causes HYG_AUTH_REFUSED too', async () => {
    const client = orders.open({ connection: { ...connection(), password: undefined } as never }).client();
    client.on('error', () => undefined);
    await expect(client.get('key')).rejects.toMatchObject({ code: 'HYG_AUTH_REFUSED' });
  });
});

describe('a handshake that fails for another reason', () => {
  test.for([
    '-ERR max number of clients reached',
    '-LOADING Redis is loading the dataset in memory',
    '-ERR unknown command `AUTH`, with args beginning with: `wr0ng-one`',
  ])('%s: the error does not contain the password', async (reply) => {
    const server = createServer((socket) =>
      socket.on('error', () => undefined).once('data', () => socket.end(`${reply}\r\n`)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = orders.open({ connection: { host: '127.0.0.1', port, password: 'wr0ng-one' } }).client({
      retryStrategy: null,
    });
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    errors.push(await client.get('key').catch((error: unknown) => error));
    expect(printed(errors)).not.toContain('wr0ng-one');
    server.close();
  });
});

test('the pipelines, options and JSON of a client contain no password', async () => {
  const client = orders.open().client();
  await client.ping();
  const inspected = [
    inspect(client.pipeline(), { depth: 9 }),
    inspect(client.multi(), { depth: 9 }),
    inspect(client.options),
  ];
  const json = [client, client.options, client.pipeline(), client.multi()].map((value) =>
    JSON.stringify(value),
  );
  expect([...inspected, ...json].join()).not.toContain('s3cret');
  expect(inspected.join()).toContain('[redacted]');
  expect({ ...client.options }.password).toBe(PASSWORD);
});

test('neither do those of duplicates, leases, pools, Clusters and clients that a library makes', async () => {
  const factory = orders.open();
  const lease = await factory.pool({ max: 1 }).acquire();
  const copy = factory.client({ lazyConnect: true }).duplicate();
  const options = factory.options('library');
  const { client: leased } = lease;
  const cluster = factory.cluster([{ port: 1 }], { lazyConnect: true, redisOptions: { password: PASSWORD } });
  const other = new Redis({ ...options, lazyConnect: true });
  const all = [
    leased,
    leased.options,
    leased.pipeline(),
    copy.options,
    options,
    cluster.options,
    other.options,
  ];
  expect(printed(...all, factory.pool({ max: 1 }), lease)).not.toContain('s3cret');
  expect(all.map((value) => JSON.stringify(value)).join()).not.toContain('s3cret');
  expect({ ...options }.password).toBe(PASSWORD);
  cluster.disconnect();
  await lease.release();
});

describe('a correct password', () => {
  test('with special characters works in a URL, and is never printed', async () => {
    const client = orders.open().client();
    expect(await client.ping()).toBe('PONG');
    expect(printed(client, orders.factory, orders.factory.connections())).not.toMatch(/s3cret/);
  });

  test('is not sent to another address', async () => {
    const received: string[] = [];
    const otherServer = createServer((socket) =>
      socket.on('data', (data) => void received.push(String(data))),
    );
    otherServer.listen(0, '127.0.0.1');
    await once(otherServer, 'listening');
    const { port } = otherServer.address() as AddressInfo;

    orders.open().client({ host: '127.0.0.1', port });
    await eventually(() => expect(received.join('')).toContain('client'));
    expect(received.join('')).not.toContain('s3cret');
    await orders.factory.shutdown({ timeoutMs: 200 });
    otherServer.close();
  });
});
