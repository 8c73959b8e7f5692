import { Redis as Raw } from 'ioredis';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ioredis } from '../../src/connect/ioredis/load-ioredis.js';
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
let told: SaturatedEvent[];
let errors: HygieneError[];

function open(connection: NonNullable<FactoryOptions['connection']>): RedisFactory {
  factory = createRedisFactory({ service: 'orders', host: 'web-1', connection });
  told = [];
  errors = [];
  factory.on('saturated', (event) => told.push(event));
  factory.on('error', (error) => errors.push(error));
  return factory;
}

afterEach(() => factory.shutdown());
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function quiet<Client extends Raw>(client: Client): Client {
  return client.on('error', () => undefined);
}

describe('a full server, by another way', () => {
  let server: RedisServer;
  let admin: Raw;
  let tlsPort: number;

  beforeAll(async () => {
    await writeCertificate(dir);
    tlsPort = await freePort();
    server = await startRedis({ dir, args: ['--unixsocket', 'redis.sock', ...tlsArguments(tlsPort)] });
    admin = new Raw(server.port, server.host, { disableClientInfo: true });
    await admin.config('SET', 'maxclients', 1);
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });
  afterEach(() => admin.config('SET', 'maxclients', 1));

  async function expectToGetIn(reply: Promise<unknown>): Promise<void> {
    await admin.config('SET', 'maxclients', 100);
    expect(await reply).toBe('PONG');
  }

  test('over a unix socket', async () => {
    const path = join(dir, 'redis.sock');
    const reply = quiet(open({ path }).client()).ping();
    await eventually(() => expect(told).toMatchObject([{ target: `unix://${path}` }]));
    await expectToGetIn(reply);
  });

  test('over TLS it cannot be told from a broken one: nothing is asked, and the error says what it may be', async () => {
    const client = quiet(
      open({ host: 'localhost', port: tlsPort, tls: { rejectUnauthorized: false } }).client(),
    );
    const reply = client.ping();
    await eventually(() => expect(errors.length).toBeGreaterThan(2));
    expect(told).toEqual([]);
    for (const { code, message } of errors) {
      expect(code).toBe('HYG_CONNECT_FAILED');
      expect(message).toContain('A server that is full (maxclients) ends TLS in this way too');
    }
    await expectToGetIn(reply);
  });

  test('through a connector of the caller’s own', async () => {
    const { AbstractConnector } = ioredis();
    class Own extends (AbstractConnector as unknown as new () => Connector) {
      override connect(): Promise<Socket> {
        return Promise.resolve((this.stream = connect(server.port, server.host)));
      }
    }
    const reply = quiet(open({ host: 'by-name', Connector: Own as never }).client()).ping();
    await eventually(() => expect(told).toMatchObject([{ target: 'redis://by-name:6379' }]));
    await expectToGetIn(reply);
  });

  test('as the subscriber, whose subscription is made when there is room', async () => {
    const subscriber = open(server.url).subscriber();
    const subscribed = subscriber.subscribe('news');
    await eventually(() => expect(told).toHaveLength(1));
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

  /** Takes all the room that there is, with connections that say nothing. */
  async function fill({ host, port }: { host: string; port: number }): Promise<void> {
    for (let full = false; !full;) {
      const socket = connect(port, host).on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      full = await new Promise((resolve) => {
        socket.once('data', () => resolve(true));
        setTimeout(resolve, 20, false);
      });
    }
  }

  test('a full sentinel is told, and the others are asked', async () => {
    const [first] = topology.sentinels;
    if (first) await fill(first);
    const client = open(topology.connection).client();
    expect(await client.ping()).toBe('PONG');
    const target = `redis://127.0.0.1:${first?.port ?? 0}`;
    await eventually(() => expect(told).toMatchObject([{ target }]));
    expect(errors.filter(({ code }) => code === 'HYG_SERVER_FULL')).toMatchObject([
      { details: { role: 'sentinel', target } },
    ]);
  });

  test('a full master is told by its address, and its clients come up when there is room', async () => {
    const master = await topology.master();
    await fill(master);
    const reply = quiet(open(topology.connection).client()).ping();
    const target = `redis://127.0.0.1:${master.port}`;
    await eventually(() => expect(told.map((one) => one.target)).toContain(target));
    sockets.splice(0).forEach((socket) => socket.destroy());
    expect(await reply).toBe('PONG');
  });

  test('clients that wait at a full master follow a failover at once', { timeout: 60_000 }, async () => {
    const master = await topology.master();
    const watching = open(topology.connection).client();
    await watching.ping();
    await fill(master);
    const clients = Array.from({ length: 6 }, () => quiet(factory.client()));
    const replies = clients.map((client) => client.ping());
    const target = `redis://127.0.0.1:${master.port}`;
    await eventually(() => expect(told.map((one) => one.target)).toContain(target));
    await topology.failover();
    expect(await Promise.all(replies)).toEqual(clients.map(() => 'PONG'));
    const present = await topology.master();
    expect(present.port).not.toBe(master.port);
    expect(clients.map(({ stream }) => stream.remotePort)).toEqual(clients.map(() => present.port));
  });
});
