import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis as Raw } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createRedisFactory,
  type FactoryOptions,
  type HygieneError,
  type RedisFactory,
} from '../../src/index.js';
import { tlsArguments, writeCertificate } from '../support/certificate.js';
import { eventually } from '../support/eventually.js';
import { freePort, startRedis, type RedisServer } from '../support/redis/index.js';

const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-forms-'));
let server: RedisServer;
let tlsPort: number;
let factory: RedisFactory;

beforeAll(async () => {
  await writeCertificate(dir);
  const args = async () => {
    tlsPort = await freePort();
    return ['--unixsocket', 'redis.sock', ...tlsArguments(tlsPort)];
  };
  server = await startRedis({ dir, args });
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});
afterEach(() => factory.shutdown());

function open(
  connection?: FactoryOptions['connection'],
  options: Omit<FactoryOptions, 'connection'> = {},
): RedisFactory {
  const identity = { service: 'orders', host: 'web-1' };
  factory = createRedisFactory({ ...identity, ...options, ...(connection ? { connection } : {}) });
  return factory;
}

/** The name of a client, and its target and state in the ledger. */
async function identify(client: ReturnType<RedisFactory['client']>): Promise<unknown[]> {
  return [await client.client('GETNAME'), factory.connections()[0]?.target, factory.connections()[0]?.state];
}
const expected = () => ['orders@web-1', `redis://127.0.0.1:${server.port}`, 'ready'];

describe('client() accepts the arguments of new Redis()', () => {
  test('a URL', async () => expect(await identify(open().client(server.url))).toEqual(expected()));
  test('a URL with a database', async () => {
    const client = open().client(`${server.url}/3`);
    expect(await client.client('INFO')).toContain(' db=3 ');
  });
  test('port and host', async () =>
    expect(await identify(open().client(server.port, '127.0.0.1'))).toEqual(expected()));
  test('port and options', async () =>
    expect(await identify(open().client(server.port, { host: '127.0.0.1' }))).toEqual(expected()));
  test('port, host and options', async () =>
    expect(await identify(open().client(server.port, '127.0.0.1', { db: 1 }))).toEqual(expected()));
  test('options', async () =>
    expect(await identify(open().client({ host: '127.0.0.1', port: server.port }))).toEqual(expected()));
  test('no argument, with the factory’s connection', async () =>
    expect(await identify(open(server.url).client())).toEqual(expected()));
  test('options over the factory’s connection', async () => {
    const client = open(server.url).client({ db: 2 });
    expect(await client.client('INFO')).toContain(' db=2 ');
  });
});

describe('a unix socket', () => {
  const isReachable = () => server.source === 'path' || server.source === 'package';
  test.for([
    ['path', (path: string) => path],
    ['unix:// URL', (path: string) => `unix://${path}`],
  ] as const)('by its %s', async ([, write], { skip }) => {
    if (!isReachable()) skip('The server runs elsewhere: its socket is not on this machine.');
    const path = join(dir, 'redis.sock');
    expect(await identify(open().client(write(path)))).toEqual(['orders@web-1', `unix://${path}`, 'ready']);
    expect(factory.connections()[0]?.localPort).toBeUndefined();
  });
});

describe('TLS', () => {
  const ca = () => readFileSync(join(dir, 'tls.crt'));
  const expectedTls = () => ['orders@web-1', `rediss://localhost:${tlsPort}`, 'ready'];

  test.for([
    ['a rediss URL', () => open().client(`rediss://localhost:${tlsPort}`, { tls: { ca: ca() } })],
    ['tls options', () => open({ host: 'localhost', port: tlsPort, tls: { ca: ca() } }).client()],
  ] as const)('with %s', async ([, openClient], { skip }) => {
    if (server.source === 'docker' || server.source === 'environment')
      skip('The TLS port is not reachable from here.');
    expect(await identify(openClient())).toEqual(expectedTls());
  });

  test('an untrusted certificate is reported as HYG_CONNECT_FAILED', async () => {
    const errors: HygieneError[] = [];
    open().on('error', (error) => errors.push(error));
    const client = factory.client(`rediss://localhost:${tlsPort}`, { retryStrategy: () => null });
    client.on('error', () => undefined);
    await expect(client.ping()).rejects.toThrow();
    await new Promise(setImmediate);
    expect(errors[0]).toMatchObject({ code: 'HYG_CONNECT_FAILED' });
  });
});

test.for([
  ['TLS', () => ({ host: 'localhost', port: tlsPort, tls: { ca: readFileSync(join(dir, 'tls.crt')) } })],
  ['a unix socket', () => ({ path: join(dir, 'redis.sock') })],
] as const)(
  'over %s, an idle connection is pinged, and is stalled while the server is paused',
  async ([, connectionOf], { skip }) => {
    if (server.source === 'docker' || server.source === 'environment') skip('The server runs elsewhere.');
    const events: string[] = [];
    open(connectionOf(), { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300 });
    for (const name of ['stale', 'stalled', 'recovered', 'reconnecting'] as const)
      factory.on(name, () => events.push(name));
    const client = factory.client();
    await client.set('a', '1');
    await eventually(async () => expect(await rowOf(client)).toContain('cmd=ping'));
    expect(events).toEqual([]);
    await server.pause();
    await eventually(() => expect(events).toEqual(['stalled']));
    await server.resume();
    await eventually(() => expect(events).toEqual(['stalled', 'recovered']));
  },
);

/** The row of a client in CLIENT LIST, read over another connection. */
async function rowOf(client: ReturnType<RedisFactory['client']>): Promise<string> {
  const [connection] = factory.connections();
  const admin = new Raw(server.port, server.host);
  try {
    return String(await admin.client('LIST', 'ID', connection?.clientId ?? (await client.client('ID'))));
  } finally {
    admin.disconnect();
  }
}
