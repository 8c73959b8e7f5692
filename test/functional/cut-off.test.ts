import type { Redis } from 'ioredis';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  createRedisFactory,
  type FactoryOptions,
  type HygieneError,
  type RedisFactory,
} from '../../src/index.js';
import { tlsArguments, writeCertificate } from '../support/certificate.js';
import { eventually } from '../support/eventually.js';
import { useFakeServer } from '../support/fake-server.js';
import { freePort, startRedis, type RedisServer } from '../support/redis/index.js';

const startFake = useFakeServer();
const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-cut-off-'));

let factory: RedisFactory;
let errors: HygieneError[];
let server: RedisServer;
let tlsPort: number;

beforeAll(async () => {
  await writeCertificate(dir);
  tlsPort = await freePort();
  server = await startRedis({ dir, args: tlsArguments(tlsPort) });
});
afterEach(() => factory.shutdown());
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

function open(options: FactoryOptions): RedisFactory {
  factory = createRedisFactory({ service: 'orders', host: 'web-1', reconnectCapMs: 100, ...options });
  errors = [];
  factory.on('error', (error) => errors.push(error));
  return factory;
}

const openClient = (): Redis => factory.client().on('error', () => undefined);

const failure = (words: RegExp) =>
  expect.objectContaining({
    code: 'HYG_CONNECT_FAILED',
    message: expect.stringMatching(words) as string,
  }) as Error;

test('a server that accepts connections and closes them is reported, and dialled one at a time', async () => {
  const fake = await startFake((socket) => socket.end());
  open({ connection: fake.url });
  Array.from({ length: 20 }, openClient);
  await eventually(() => expect(errors[0]).toEqual(failure(/closed it without a reply.*load balancer/)));
  await eventually(() => expect(errors.length).toBeGreaterThan(6), 15_000);
  expect(fake.accepted.length).toBeLessThan(30); // the first dials of 20 clients, the others one at a time, and probes
});

test('clients connect by themselves as soon as such a server answers', async () => {
  const isUp = { value: false };
  const fake = await startFake((socket) => {
    if (isUp.value) return void socket.on('data', () => socket.write('+PONG\r\n'.repeat(20)));
    socket.end();
  });
  open({ connection: fake.url });
  const clients = Array.from({ length: 3 }, () =>
    factory
      .client({ protocol: 2, disableClientInfo: true, enableReadyCheck: false })
      .on('error', () => undefined),
  );
  await eventually(() => expect(errors.length).toBeGreaterThan(3), 10_000);
  isUp.value = true;
  await eventually(() => expect(clients.map(({ status }) => status)).toEqual(Array(3).fill('ready')), 15_000);
});

test('a command is rejected when it has waited for as long as a dial may take', async () => {
  const fake = await startFake((socket) => socket.end());
  open({ connection: fake.url, connectTimeoutMs: 1_000 });
  await expect(openClient().get('key')).rejects.toThrow();
});

test('a port for TLS that is dialled without it is reported, with the likely cause', async () => {
  open({ connection: { host: 'localhost', port: tlsPort } });
  openClient();
  await eventually(() => expect(errors[0]).toEqual(failure(/rediss:\/\//)), 10_000);
  await eventually(() => expect(errors.length).toBeGreaterThan(3), 10_000);
  expect([...new Set(errors.map(({ code }) => code))]).toEqual(['HYG_CONNECT_FAILED']);
});

test('a port without TLS that is dialled with it is reported, with the likely cause', async () => {
  open({ connection: { host: 'localhost', port: server.port, tls: {} }, connectTimeoutMs: 500 });
  openClient();
  await eventually(() => expect(errors[0]).toEqual(failure(/use redis:\/\/ there/)), 10_000);
});

/** Ends TLS on the server's side of a connection, and closes it when the handshake of TLS is done. */
function endAfterTls(socket: Socket): void {
  const [cert, key] = ['crt', 'key'].map((kind) => readFileSync(join(dir, `tls.${kind}`)));
  const secure = new TLSSocket(socket, { isServer: true, cert, key });
  secure.on('error', () => undefined).once('data', () => secure.end());
}

test.each([
  ['at once', (socket: Socket) => socket.end()],
  ['at the first bytes', (socket: Socket) => void socket.once('data', () => socket.destroy())],
  ['after the handshake of TLS', endAfterTls],
])(
  'connections over TLS that are closed %s are reported, and dialled one at a time',
  async (_when, close) => {
    const fake = await startFake(close);
    const connection = { host: fake.host, port: fake.port, tls: { rejectUnauthorized: false } };
    open({ connection, connectTimeoutMs: 1_000 });
    const [reply] = Array.from({ length: 20 }, () =>
      openClient()
        .get('key')
        .catch((error: unknown) => error),
    );
    // Only a dial that waits for its turn rejects its commands in this way.
    expect(await reply).toEqual(failure(/closed it without a reply/));
    expect(errors[0]).toEqual(failure(/A full server \(maxclients\) drops TLS connections/));
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['HYG_CONNECT_FAILED']));
    expect(fake.accepted.length).toBeLessThan(30);
  },
);
