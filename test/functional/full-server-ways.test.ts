import { Redis as Raw } from 'ioredis';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadIoredis } from '../../src/connect/ioredis/load-ioredis.js';
import type { Connector } from '../../src/connect/ioredis/internals.js';
import {
  createRedisFactory,
  type FactoryOptions,
  type HygieneError,
  type RedisFactory,
  type SaturatedEvent,
} from '../../src/index.js';
import { tlsArguments, writeCertificate } from '../support/certificate.js';
import { eventually } from '../support/eventually.js';
import { freePort, startRedis, type RedisServer } from '../support/redis/index.js';
import { startSentinels, type Sentinels } from '../support/sentinels.js';

const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-full-'));
let factory: RedisFactory;
let saturations: SaturatedEvent[];
let errors: HygieneError[];

function open(connection: NonNullable<FactoryOptions['connection']>): RedisFactory {
  factory = createRedisFactory({ service: 'orders', host: 'web-1', connection });
  saturations = [];
  errors = [];
  factory.on('saturated', (event) => saturations.push(event));
  factory.on('error', (error) => errors.push(error));
  return factory;
}

afterEach(() => factory.shutdown());
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function ignoreErrors<Client extends Raw>(client: Client): Client {
  return client.on('error', () => undefined);
}

describe('a full server', () => {
  let server: RedisServer;
  let admin: Raw;
  let tlsPort: number;

  beforeAll(async () => {
    await writeCertificate(dir);
    const args = async () => {
      tlsPort = await freePort();
      return ['--unixsocket', 'redis.sock', ...tlsArguments(tlsPort)];
    };
    server = await startRedis({ dir, args });
    admin = new Raw(server.port, server.host, { disableClientInfo: true });
    await admin.config('SET', 'maxclients', 1);
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });
  afterEach(() => admin.config('SET', 'maxclients', 1));

  async function expectToConnect(reply: Promise<unknown>): Promise<void> {
    await admin.config('SET', 'maxclients', 100);
    expect(await reply).toBe('PONG');
  }

  test('over a unix socket is reported', async () => {
    const path = join(dir, 'redis.sock');
    const reply = ignoreErrors(open({ path }).client()).ping();
    await eventually(() => expect(saturations).toMatchObject([{ target: `unix://${path}` }]));
    await expectToConnect(reply);
  });

  test('over TLS looks like a broken one: it is not probed, and the error explains the possible cause', async () => {
    const client = ignoreErrors(
      open({ host: 'localhost', port: tlsPort, tls: { rejectUnauthorized: false } }).client(),
    );
    const reply = client.ping();
    await eventually(() => expect(errors.length).toBeGreaterThan(2));
    expect(saturations).toEqual([]);
    for (const { code, message } of errors) {
      expect(code).toBe('HYG_CONNECT_FAILED');
      expect(message).toContain('A full server (maxclients) drops TLS connections in this way too');
    }
    await expectToConnect(reply);
  });

  test('is reported also through a connector of the application’s own', async () => {
    const { AbstractConnector } = loadIoredis();
    class OwnConnector extends (AbstractConnector as unknown as new () => Connector) {
      override connect(): Promise<Socket> {
        return Promise.resolve((this.stream = connect(server.port, server.host)));
      }
    }
    const reply = ignoreErrors(open({ host: 'by-name', Connector: OwnConnector as never }).client()).ping();
    await eventually(() => expect(saturations).toMatchObject([{ target: 'redis://by-name:6379' }]));
    await expectToConnect(reply);
  });

  test('is reported to a subscriber, which subscribes when there is room', async () => {
    const subscriber = open(server.url).subscriber();
    const subscribed = subscriber.subscribe('news');
    await eventually(() => expect(saturations).toHaveLength(1));
    await admin.config('SET', 'maxclients', 100);
    await subscribed;
    await eventually(async () => expect(await admin.publish('news', 'a')).toBe(1));
  });
});

describe('behind sentinels', () => {
  let topology: Sentinels;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    topology = await startSentinels({ settings: () => ['maxclients 40'] });
  });
  afterAll(() => topology[Symbol.asyncDispose]());
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

  /** Fills the server with connections that send nothing. */
  async function fill({ host, port }: { host: string; port: number }): Promise<void> {
    for (let isFull = false; !isFull;) {
      const socket = connect(port, host).on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      isFull = await new Promise((resolve) => {
        socket.once('data', () => resolve(true));
        setTimeout(resolve, 20, false);
      });
    }
  }

  test('a full sentinel is reported, and the other sentinels are asked', async () => {
    const [first] = topology.sentinels;
    if (first) await fill(first);
    const client = open(topology.connection).client();
    expect(await client.ping()).toBe('PONG');
    const target = `redis://127.0.0.1:${first?.port ?? 0}`;
    await eventually(() => expect(saturations).toMatchObject([{ target }]));
    expect(errors.filter(({ code }) => code === 'HYG_SERVER_FULL')).toMatchObject([
      { details: { role: 'sentinel', target } },
    ]);
  });

  test('a full master is reported with its address, and its clients connect when there is room', async () => {
    const master = await topology.master();
    await fill(master);
    const reply = ignoreErrors(open(topology.connection).client()).ping();
    const target = `redis://127.0.0.1:${master.port}`;
    await eventually(() => expect(saturations.map((one) => one.target)).toContain(target));
    sockets.splice(0).forEach((socket) => socket.destroy());
    expect(await reply).toBe('PONG');
  });

  test('clients that wait at a full master follow a failover at once', { timeout: 60_000 }, async () => {
    const master = await topology.master();
    const watching = open(topology.connection).client();
    await watching.ping();
    await fill(master);
    const clients = Array.from({ length: 6 }, () => ignoreErrors(factory.client()));
    const replies = clients.map((client) => client.ping());
    const target = `redis://127.0.0.1:${master.port}`;
    await eventually(() => expect(saturations.map((one) => one.target)).toContain(target));
    await topology.failover();
    expect(await Promise.all(replies)).toEqual(clients.map(() => 'PONG'));
    const present = await topology.master();
    expect(present.port).not.toBe(master.port);
    expect(clients.map(({ stream }) => stream.remotePort)).toEqual(clients.map(() => present.port));
  });
});
