import type { Socket } from 'node:net';
import { Redis as Raw } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import type { OrphanEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startFirewall, type Firewall } from '../support/firewall.js';
import { startRedis } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** Finds a connection that the firewall has forgotten within 2.6 s. It stalls first, as the proxy acknowledges bytes. */
const FAST = {
  heartbeatIntervalMs: 1_000,
  heartbeatDeadlineMs: 300,
  stallLimitMs: 1_000,
  reconnectCapMs: 100,
};

function collectOrphans(): OrphanEvent[] {
  const events: OrphanEvent[] = [];
  orders.factory.on('orphan', (event) => events.push(event));
  return events;
}

let firewall: Firewall | undefined;
afterEach(() => firewall?.[Symbol.asyncDispose]());

/** Opens the factory behind a firewall. The server has no keepalive, so it keeps its halves of forgotten sessions. */
async function openBehindFirewall(credentials = ''): Promise<Firewall> {
  firewall = await startFirewall(redis.server);
  orders.open({ ...FAST, connection: firewall.url.replace('//', `//${credentials}`) });
  return firewall;
}

async function countKills(admin: Raw): Promise<number> {
  const stats = await admin.info('commandstats');
  return Number(/^cmdstat_client\|kill:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}

describe('the server’s half of a lost connection', () => {
  test('is reaped by the next connection, before anything else', async () => {
    const firewall = await openBehindFirewall();
    const orphans = collectOrphans();
    const client = orders.factory.client();
    const sockets: (Socket | undefined)[] = [];
    orders.factory.on('connected', () => sockets.push(clientInternals(client).stream));
    const closedAtRedial: unknown[] = [];
    orders.factory.on('connecting', () => closedAtRedial.push(sockets.map((socket) => socket?.closed)));
    const id = await client.client('ID');
    firewall.forget();
    await eventually(() => expect(orphans).toHaveLength(1));
    expect(await redis.names()).toEqual(['orders@web-1']);
    expect(await client.client('ID')).not.toBe(id);
    expect(orphans[0]).toMatchObject({
      outcome: 'reaped',
      name: 'orders@web-1',
      role: 'command',
      target: firewall.url,
      clientId: id,
    });
    expect(orphans[0]?.orphanedMs).toBeGreaterThanOrEqual(0);
    expect(closedAtRedial).toEqual([[true]]);
  });

  test.each([true, false])(
    'takes no list item: it is closed before the blocking command is sent again (ready check: %j)',
    async (enableReadyCheck) => {
      const firewall = await openBehindFirewall();
      const consumer = orders.factory.client({ maxRetriesPerRequest: null, enableReadyCheck });
      await consumer.ping();
      const popped = consumer.blpop('queue', 0);
      await eventually(async () => expect(await redis.admin.client('LIST')).toContain('cmd=blpop'));
      const order: string[] = [];
      orders.factory.on('orphan', ({ outcome }) => order.push(outcome));
      orders.factory.on('ready', () => order.push('ready'));
      firewall.forget();
      // Destroyed here: a blocked connection is not pinged, and the proxy answers the kernel's probes.
      clientInternals(consumer).stream?.destroy();
      await eventually(() => expect(order).toEqual(['reaped', 'ready']));
      await redis.admin.rpush('queue', 'item');
      expect(await popped).toEqual(['queue', 'item']);
    },
  );

  test.each([2, 3] as const)(
    'of a subscriber is reaped before it subscribes again, in RESP%i',
    async (protocol) => {
      const firewall = await openBehindFirewall();
      const orphans = collectOrphans();
      const client = orders.factory.client({ protocol } as object);
      const messages: string[] = [];
      client.on('message', (_channel, message: string) => messages.push(message));
      await client.subscribe('news');
      firewall.forget();
      await eventually(() => expect(orphans.map(({ outcome }) => outcome)).toEqual(['reaped']));
      await eventually(async () => expect(await redis.admin.publish('news', 'once')).toBe(1));
      await eventually(() => expect(messages).toEqual(['once']));
      expect(orders.errors).toEqual([]);
    },
  );

  test('is reaped after several losses in a row', async () => {
    const firewall = await openBehindFirewall();
    const orphans = collectOrphans();
    // The first connections are cut as soon as they are ready: before, a cut is only found after `handshakeTimeoutMs`.
    let cuts = 0;
    orders.factory.on('ready', () => {
      if (++cuts <= 3) firewall.forget();
    });
    orders.factory.client();
    await eventually(
      () => expect(orphans.filter(({ outcome }) => outcome === 'reaped')).toHaveLength(3),
      15_000,
    );
    expect(await redis.names()).toEqual(['orders@web-1']);
  });

  test('behind an address of several servers is kept while connections reach another server, and reaped by the first one that reaches its own', async () => {
    await using another = await startRedis();
    const firewall = await openBehindFirewall();
    const orphans = collectOrphans();
    const client = orders.factory.client();
    const id = await client.client('ID');
    firewall.redirect(another);
    await cut(client);
    expect(await client.client('INFO')).toContain(` laddr=${another.host}:${another.port} `);
    const admin = new Raw(another.port, another.host);
    expect(await countKills(admin)).toBe(0);
    expect(orphans).toEqual([]);
    firewall.redirect(redis.server);
    await orders.factory.client().ping();
    await eventually(() => expect(orphans).toMatchObject([{ outcome: 'reaped', clientId: id }]));
    expect(await countKills(admin)).toBe(0);
    expect(await redis.names()).toEqual(['orders@web-1']);
    admin.disconnect();
  });
});

/** Cuts the session of a client, and waits for the next one. */
async function cut(client: Raw): Promise<void> {
  const clientIdOf = () => orders.factory.connections().find(({ state }) => state === 'ready')?.clientId;
  const before = clientIdOf();
  firewall?.forget();
  // Destroyed here: that a heartbeat finds the cut takes 2.6 s, and is tested above. The server does not notice.
  clientInternals(client).stream?.destroy();
  await eventually(() => expect([before, undefined]).not.toContain(clientIdOf()), 8_000);
}

test('what may not be reaped is listed, as the server knows it', async () => {
  const rights = ['+@all', '-@admin', '-@dangerous', '+client|list', '+info'];
  await redis.admin.call('ACL', 'SETUSER', 'lister', 'on', '>secret', '~*', '&*', ...rights);
  await openBehindFirewall('lister:secret@');
  const client = orders.factory.client();
  const known: object[] = [];
  const runId = /^run_id:(\w+)/m.exec(await redis.admin.info('server'))?.[1];
  for (let cuts = 0; cuts < 2; cuts += 1) {
    const row = await client.client('INFO');
    const [, clientId, address, name] = /^id=(\d+) addr=(\S+) .*name=(\S+)/.exec(row) ?? [];
    known.push({ runId, clientId: Number(clientId), address, name, role: 'command' });
    await cut(client);
  }
  await eventually(() => expect(orders.factory.orphans()).toMatchObject(known));
  await redis.admin.call('ACL', 'SETUSER', 'lister', '+client|kill');
  await cut(client);
  await eventually(() => expect(orders.factory.orphans()).toEqual([]));
});

test('without the rights everything but reaping works, and one event names the rights to grant', async () => {
  await redis.admin.call(
    'ACL',
    'SETUSER',
    'app',
    'on',
    '>secret',
    '~*',
    '&*',
    '+@all',
    '-@admin',
    '-@dangerous',
  );
  await openBehindFirewall('app:secret@');
  const orphans = collectOrphans();
  const client = orders.factory.client();
  await client.ping();
  const reconnected: unknown[] = [];
  for (const value of ['1', '2', '3']) {
    await cut(client);
    reconnected.push(await client.set('a', value));
  }
  expect(reconnected).toEqual(['OK', 'OK', 'OK']);
  expect(orphans).toEqual([
    expect.objectContaining({
      outcome: 'refused',
      why: 'Grant it: ACL SETUSER app +client|list +client|kill +info',
    }),
  ]);
  expect(orders.errors).toEqual([]);
  await redis.admin.call('ACL', 'SETUSER', 'app', '+client|list', '+client|kill', '+info');
  // The next connection is the first one for which the run of the server is known.
  await cut(client);
  await cut(client);
  await eventually(() => expect(orphans.filter(({ outcome }) => outcome === 'reaped').length).toBe(1), 8_000);
});
