import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
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

  test('rejects commands, the client’s error event and the factory’s with a HygieneError', async () => {
    const client = orders.open({ connection: connection() }).client();
    const seen: unknown[] = [];
    client.on('error', (error) => seen.push(error));
    const rejection: unknown = await client.get('key').catch((error: unknown) => error);

    expect(rejection).toBeInstanceOf(HygieneError);
    expect(rejection).toMatchObject({
      code: 'HYG_AUTH_REFUSED',
      details: { name: 'orders@web-1', role: 'command' },
    });
    expect((rejection as Error).message).toContain('WRONGPASS');
    await eventually(() => expect(orders.errors[0]).toBe(rejection));
    expect(seen[0]).toBe(rejection);
  });

  test('never shows, in no message, event, entry, stack or printed client', async () => {
    const output: unknown[] = [];
    const spies = (['error', 'warn', 'log'] as const).map((method) =>
      vi.spyOn(console, method).mockImplementation((...args) => void output.push(...args)),
    );
    const client = orders.open({ connection: connection() }).client(); // no error listener: ioredis prints
    const rejection = await client.get('key').catch((error: unknown) => error);
    await eventually(() => expect(orders.errors.length).toBeGreaterThan(0));
    const all = printed(
      rejection,
      orders.errors,
      output,
      client,
      orders.factory,
      orders.factory.connections(),
    );
    spies.forEach((spy) => spy.mockRestore());

    expect(output.length).toBeGreaterThan(0);
    expect(all).toContain('WRONGPASS');
    expect(all).not.toContain('wr0ng-one');
  });

  test('for a missing one too', async () => {
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
  ])('%s: the error stays what it is, without the password', async (reply) => {
    const server = createServer((socket) =>
      socket.on('error', () => undefined).once('data', () => socket.end(`${reply}\r\n`)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = orders.open({ connection: { host: '127.0.0.1', port, password: 'wr0ng-one' } }).client({
      retryStrategy: null,
    });
    const seen: unknown[] = [];
    client.on('error', (error) => seen.push(error));
    seen.push(await client.get('key').catch((error: unknown) => error));
    expect(printed(seen)).not.toContain('wr0ng-one');
    server.close();
  });
});

test('pipelines, options and JSON of a client show no password', async () => {
  const client = orders.open().client();
  await client.ping();
  const shown = [
    inspect(client.pipeline(), { depth: 9 }),
    inspect(client.multi(), { depth: 9 }),
    inspect(client.options),
  ];
  expect([...shown, JSON.stringify({ client })].join()).not.toContain('s3cret');
  expect(shown.join()).toContain('[redacted]');
  expect({ ...client.options }.password).toBe(PASSWORD);
});

describe('a right password', () => {
  test('with odd signs works from a URL, and never shows', async () => {
    const client = orders.open().client();
    expect(await client.ping()).toBe('PONG');
    expect(printed(client, orders.factory, orders.factory.connections())).not.toMatch(/s3cret/);
  });

  test('does not follow a client to another address', async () => {
    const received: string[] = [];
    const stranger = createServer((socket) => socket.on('data', (data) => void received.push(String(data))));
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;

    orders.open().client({ host: '127.0.0.1', port });
    await eventually(() => expect(received.join('')).toContain('client'));
    expect(received.join('')).not.toContain('s3cret');
    await orders.factory.shutdown({ timeoutMs: 200 });
    stranger.close();
  });
});
