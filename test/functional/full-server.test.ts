import { once } from 'node:events';
import { Redis as Raw } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RedisFactory, SaturatedEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { quietNow } from '../support/quiet-clock.js';
import { startRedis, type RedisServer } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';

// One server per test: the dial limiter remembers for a minute that a server was full, which would slow down the next test.
let server: RedisServer;
let admin: Raw;
beforeEach(async () => {
  server = await startRedis();
  admin = new Raw(server.port, server.host, { disableClientInfo: true });
  await admin.ping();
});
const orders = useFactory({
  get server() {
    return server;
  },
});
afterEach(async () => {
  admin.disconnect();
  await server.stop();
});

const fill = () => admin.config('SET', 'maxclients', 1); // open connections are kept
const makeRoom = () => admin.config('SET', 'maxclients', 200);

/** Number of dials that reached the server, refused ones included. */
async function countDials(): Promise<number> {
  const stats = await admin.info('stats');
  const count = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(stats)?.[1]);
  return count('total_connections_received') + count('rejected_connections');
}

function collectSaturations(factory: RedisFactory): SaturatedEvent[] {
  const events: SaturatedEvent[] = [];
  factory.on('saturated', (event) => events.push(event));
  return events;
}

const rows = async () => ((await admin.client('LIST')) as string).trim().split('\n');
const states = () => orders.factory.connections().map(({ state }) => state);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const ignore = () => undefined;

/** Opens this number of clients at a full server, and waits until the server was reported as full. */
async function openWaitingClients(count: number, options = {}): Promise<Raw[]> {
  const factory = orders.open(options);
  const events = collectSaturations(factory);
  await fill();
  const clients = Array.from({ length: count }, () => factory.client());
  clients.forEach((client) => client.on('error', ignore));
  await eventually(() => expect(events).toHaveLength(1));
  await eventually(() => expect(states()).toEqual(clients.map(() => 'connecting')));
  return clients;
}

describe('at a full server', () => {
  test('clients wait, one silent connection probes, and all clients connect when there is room', async () => {
    const factory = orders.open({ connectTimeoutMs: 60_000 });
    const open = factory.client();
    await open.ping();
    const events = collectSaturations(factory);
    await fill();
    const before = await countDials();
    const clients = Array.from({ length: 12 }, () => factory.client());
    clients.forEach((client) => client.on('error', ignore));
    const replies = clients.map((client) => client.ping());
    await pause(3_000);
    expect((await countDials()) - before).toBeLessThanOrEqual(4 + 1 + 3); // dials in progress, the first probe, three more probes
    expect(await open.ping()).toBe('PONG');
    expect(states()).toEqual(['ready', ...clients.map(() => 'connecting')]);
    expect(events).toEqual([
      {
        at: expect.any(Number),
        target: server.url,
        detectedBy: expect.stringMatching(/^(reply|probe)$/),
        pending: expect.any(Number),
        nextProbeMs: expect.any(Number),
      },
    ]);
    expect(orders.errors).toMatchObject([
      { code: 'HYG_SERVER_FULL', details: { name: 'orders@web-1', target: server.url } },
    ]);
    expect(await rows()).toHaveLength(2); // no probe is left open
    await makeRoom();
    expect(await Promise.all(replies)).toEqual(clients.map(() => 'PONG'));
    expect(events).toHaveLength(1);
    expect(await rows()).toHaveLength(1 + 13);
  });

  test('commands are rejected after connectTimeoutMs; with maxRetriesPerRequest: null they wait', async () => {
    const [client] = await openWaitingClients(1, { connectTimeoutMs: 1_000 });
    const unlimited = orders.factory.client({ maxRetriesPerRequest: null });
    const pong = unlimited.ping();
    for (const time of [1, 2]) {
      const [start, quietStart] = [Date.now(), quietNow()];
      await expect(client?.ping(`${time}`)).rejects.toMatchObject({ code: 'HYG_SERVER_FULL' });
      expect(Date.now() - start).toBeGreaterThan(900);
      expect(quietNow() - quietStart).toBeLessThan(2_500);
    }
    await makeRoom();
    expect(await pong).toBe('PONG');
    expect(await client?.ping()).toBe('PONG');
  });

  test('the reply of the full server rejects no command, with a password either', async () => {
    const [client] = await openWaitingClients(1, {
      connection: { ...serverAddress(), password: 'x', username: 'default' },
    });
    const reply = client?.ping();
    await makeRoom();
    expect(await reply).toBe('PONG');
  });

  test('the client of a library waits too', async () => {
    const factory = orders.open();
    const events = collectSaturations(factory);
    await fill();
    const library = new Raw(factory.options('queue'));
    library.on('error', ignore);
    const reply = library.ping();
    await eventually(() => expect(events).toHaveLength(1));
    await makeRoom();
    expect(await reply).toBe('PONG');
  });

  test('a retry strategy that says to stop ends its client', async () => {
    const factory = orders.open();
    await fill();
    const client = factory.client({ retryStrategy: () => null });
    client.on('error', ignore);
    await expect(client.ping()).rejects.toThrow();
    await eventually(() => expect(client.status).toBe('end'));
    expect(states()).toEqual([]);
  });
});

function serverAddress() {
  const { host, port } = server;
  return { host, port };
}

describe('a client that waits for room', () => {
  test('and is told to disconnect does so at once, and can connect again', async () => {
    const [client] = (await openWaitingClients(1)) as [Raw];
    const waiting = client.ping();
    client.disconnect();
    await expect(waiting).rejects.toThrow('Connection is closed.');
    await eventually(() => expect(client.status).toBe('end'));
    expect(states()).toEqual([]);
    await makeRoom();
    await client.connect();
    const reconnecting = once(client, 'reconnecting'); // and not `end`
    client.stream.destroy();
    await reconnecting;
    expect(await client.ping()).toBe('PONG');
  });

  test('and is told to reconnect keeps waiting', async () => {
    const [client] = (await openWaitingClients(1)) as [Raw];
    const reply = client.ping();
    client.disconnect(true);
    await makeRoom();
    expect(await reply).toBe('PONG');
  });

  test('and quits is gone at once', async () => {
    const [client] = (await openWaitingClients(1)) as [Raw];
    expect(await client.quit()).toBe('OK');
    await eventually(() => expect(states()).toEqual([]));
  });

  test('does not delay a shutdown', async () => {
    const clients = await openWaitingClients(6);
    const start = quietNow();
    expect(await orders.factory.shutdown()).toMatchObject({ abandonedCommands: 0 });
    expect(quietNow() - start).toBeLessThan(1_000);
    expect(clients.map(({ status }) => status)).toEqual(clients.map(() => 'end'));
  });

  test('with commands is closed at the deadline', async () => {
    const clients = await openWaitingClients(6);
    const waiting = clients.map((client) => expect(client.ping()).rejects.toThrow('Connection is closed.'));
    const start = quietNow();
    const report = await orders.factory.shutdown({ timeoutMs: 1_000 });
    expect(quietNow() - start).toBeLessThan(1_200);
    expect(report).toMatchObject({ forced: 6, abandonedCommands: 6 });
    await Promise.all(waiting);
  });
});
