import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { HygieneEvents, RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startFirewall } from '../support/firewall.js';
import { startRedis } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** The shortest interval that is allowed, and a short deadline. */
const FAST = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300, reconnectCapMs: 100 };

function collectEvents<Name extends keyof HygieneEvents>(
  factory: RedisFactory,
  name: Name,
): HygieneEvents[Name][0][] {
  const events: HygieneEvents[Name][0][] = [];
  factory.on(name, (...[event]: HygieneEvents[Name]) => void events.push(event as HygieneEvents[Name][0]));
  return events;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Number of PINGs that the server has received. */
async function countPings(): Promise<number> {
  const stats = await redis.admin.info('commandstats');
  return Number(/^cmdstat_ping:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}

describe('a silent connection', () => {
  test('is pinged, and kept', async () => {
    const client = orders.open(FAST).client();
    await client.set('a', '1');
    const before = await countPings();
    await eventually(async () => expect(await countPings()).toBeGreaterThan(before));
    await pause(300);
    expect(orders.factory.connections()[0]).toMatchObject({ state: 'ready', dials: 1 });
    expect(await client.get('a')).toBe('1');
  });

  test.each([2, 3] as const)('is pinged while it is subscribed, in RESP%i', async (protocol) => {
    const client = orders.open(FAST).client({ protocol } as object);
    const messages: string[] = [];
    client.on('message', (_channel, message: string) => messages.push(message));
    await client.subscribe('news');
    const before = await countPings();
    await eventually(async () => expect(await countPings()).toBeGreaterThan(before));
    await pause(300);
    await redis.admin.publish('news', 'still here');
    await eventually(() => expect(messages).toEqual(['still here']));
    expect(orders.factory.connections()[0]).toMatchObject({ state: 'ready', dials: 1 });
    expect(orders.errors).toEqual([]);
  });

  test.each([
    ['inside a blocking command', (client) => client.blpop('nothing', 0)],
    ['that waits for a replica', (client) => client.wait(1, 0)],
    ['that monitors', (client) => client.monitor()],
  ] satisfies [string, (client: ReturnType<RedisFactory['client']>) => Promise<unknown>][])(
    '%s is not pinged',
    async (_, hold) => {
      const client = orders.open(FAST).client();
      await client.set('a', '1');
      void hold(client).catch(() => undefined);
      if (hold.toString().includes('monitor')) {
        await eventually(() => expect(orders.factory.connections()).toHaveLength(2));
        client.disconnect();
      }
      await pause(100);
      const before = await countPings();
      await pause(1_600);
      expect(await countPings()).toBe(before);
      expect(orders.factory.connections()).toEqual([expect.objectContaining({ state: 'ready', dials: 1 })]);
    },
  );

  test('in a transaction that is sent step by step is not pinged: PING would become part of the transaction', async () => {
    const client = orders.open(FAST).client();
    await client.multi({ pipeline: false });
    await client.set('a', '1');
    await pause(1_600);
    await client.get('a');
    expect(await client.exec()).toEqual([
      [null, 'OK'],
      [null, '1'],
    ]);
  });

  test('is not lost when the event loop of the process was blocked', async () => {
    const client = orders.open(FAST).client();
    const copies = Array.from({ length: 10 }, () => client.duplicate());
    await Promise.all([client, ...copies].map((each) => each.ping()));
    const end = Date.now() + 3_000;
    while (Date.now() < end);
    await pause(500);
    expect(orders.factory.connections().map(({ dials }) => dials)).toEqual(Array(11).fill(1));
  });
});

describe('a server that does not answer', () => {
  test('stalls its connections, which are kept until it answers again', async ({ skip }) => {
    await using server = await startRedis();
    if (server.source === 'environment') skip('The server is shared: it cannot be paused.');
    const factory = orders.open({ ...FAST, connection: server.url });
    const [stalled, recovered, reconnecting] = [
      collectEvents(factory, 'stalled'),
      collectEvents(factory, 'recovered'),
      collectEvents(factory, 'reconnecting'),
    ];
    const client = factory.client();
    const id = await client.client('ID');
    await server.pause();
    await eventually(() => expect(stalled).toHaveLength(1));
    await pause(500);
    expect(recovered).toEqual([]);
    await server.resume();
    await eventually(() => expect(recovered).toHaveLength(1));
    expect(await client.client('ID')).toBe(id);
    expect(reconnecting).toEqual([]);
    expect(stalled).toHaveLength(1);
    expect(stalled[0]).toMatchObject({ connection: { name: 'orders@web-1', role: 'command', clientId: id } });
    expect(stalled[0]?.silentMs).toBeGreaterThan(850);
    expect(recovered[0]?.stalledMs).toBeGreaterThan(400);
  });

  test('is given up after stallLimitMs', async () => {
    await using firewall = await startFirewall(redis.server);
    const factory = orders.open({ ...FAST, stallLimitMs: 1_000, connection: firewall.url });
    const [stalled, stale] = [collectEvents(factory, 'stalled'), collectEvents(factory, 'stale')];
    const client = factory.client();
    await client.ping();
    firewall.forget();
    // On a busy machine the next connection may stall as well, so further events may have come.
    await eventually(() => expect(stale).not.toEqual([]));
    expect(stalled[0]?.connection.id).toBe(stale[0]?.connection.id);
    expect(stale[0]).toMatchObject({ cause: 'stall-limit', connection: { target: firewall.url } });
    expect(stale[0]?.silentMs).toBeGreaterThan(1_900);
    expect(await client.ping()).toBe('PONG');
  });

  test('runs a long command only once: it is rejected at the limit, and not sent again', async () => {
    const client = orders.open({ ...FAST, stallLimitMs: 1_000 }).client();
    await client.del('runs');
    const long = `redis.call('INCR', KEYS[1])
      local till = redis.call('TIME')[1] + 4
      repeat until tonumber(redis.call('TIME')[1]) >= till`;
    await expect(client.eval(long, 1, 'runs')).rejects.toMatchObject({
      code: 'HYG_STALLED',
      message: expect.stringContaining(
        `orders@web-1 has had no answer from ${redis.server.url} for`,
      ) as string,
    });
    await eventually(async () => expect(await client.get('runs')).toBe('1'), 10_000);
    expect(await client.ping()).toBe('PONG');
  });

  test('to the handshake is dialled again, with one socket at a time', async () => {
    const sockets = new Set<Socket>();
    let maxSockets = 0;
    const silent = createServer((socket) => {
      sockets.add(socket);
      const remove = () => sockets.delete(socket);
      socket
        .on('error', () => undefined)
        .on('end', remove)
        .on('close', remove);
      socket.resume();
      // Node may report a new socket before the end of an older one that had come first.
      setImmediate(() => (maxSockets = Math.max(maxSockets, sockets.size)));
    });
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const factory = orders.open({
      ...FAST,
      handshakeTimeoutMs: 300,
      connection: { host: '127.0.0.1', port },
    });
    const [stale, connecting] = [collectEvents(factory, 'stale'), collectEvents(factory, 'connecting')];
    const client = factory.client();
    client.on('error', () => undefined);
    await eventually(() => expect(connecting.length).toBeGreaterThan(2));
    expect(stale[0]).toMatchObject({ cause: 'handshake' });
    expect(maxSockets).toBe(1);
    await factory.shutdown();
    silent.close();
  });
});
