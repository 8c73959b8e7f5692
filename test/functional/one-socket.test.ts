import { expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { eventually } from '../support/eventually.js';
import { startFirewall } from '../support/firewall.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** Number of TCP sockets of this process that are open or connecting. */
function countSockets(): number {
  return process.getActiveResourcesInfo().filter((type) => /^TCP(Socket|Connect)Wrap$/.test(type)).length;
}

/** Pseudo-random numbers, so that a failure can be reproduced. */
function createRandom(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * sides);
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test.each([1, 2, 3])('in any order of calls a client never has two sockets (seed %i)', async (seed) => {
  const random = createRandom(seed);
  const client = orders.open({ reconnectBaseMs: 1, reconnectCapMs: 100 }).client();
  client.on('error', () => undefined);
  await client.ping();
  const others = countSockets() - 1;
  const actions: (() => unknown)[] = [
    () => client.disconnect(true),
    () => client.disconnect(),
    () => client.connect().catch(() => undefined),
    () => client.connect().catch(() => undefined),
    () => client.quit().catch(() => undefined),
    () => client.get('a').catch(() => undefined),
    () => clientInternals(client).stream?.destroy(), // what happens to a stale connection
    () => clientInternals(client).stream?.destroy(new Error('a fault')),
  ];
  let maxSockets = 0;
  for (let step = 0; step < 2_000; step += 1) {
    actions[random(actions.length)]?.();
    maxSockets = Math.max(maxSockets, countSockets() - others);
    if (random(2) === 0) await turn();
    if (random(40) === 0) await new Promise((resolve) => setTimeout(resolve, random(5)));
    maxSockets = Math.max(maxSockets, countSockets() - others);
  }
  expect(maxSockets).toBe(1);
  // The last step may have been a disconnect() that is still in progress.
  await eventually(async () => {
    await client.connect().catch(() => undefined);
    expect(await client.ping()).toBe('PONG');
  });
  expect(await redis.names()).toEqual(['orders@web-1']);
});

test('a monitor that is told to connect again closes its socket first; with ioredis alone both stay open', async () => {
  const client = orders.open().client({ retryStrategy: () => 200 });
  const monitor = await client.monitor();
  await eventually(() => expect(monitor.status).toBe('monitoring'));
  const before = countSockets();
  const names = await redis.names();
  const events: string[] = [];
  for (const name of ['reconnecting', 'connecting', 'ready'] as const)
    orders.factory.on(name, () => events.push(name));
  // ioredis sometimes takes the close of the old socket for that of the new one, so its promise is ignored here.
  await monitor.connect().catch(() => undefined);
  await eventually(() => expect(events).toEqual(['reconnecting', 'connecting', 'ready']));
  expect(countSockets()).toBe(before);
  await eventually(async () => expect(await redis.names()).toEqual(names));
  await new Promise((resolve) => setTimeout(resolve, 300)); // longer than the delay before a redial
  expect(events).toEqual(['reconnecting', 'connecting', 'ready']);
});

test('a stale connection emits its events in order: closed before the next dial', async () => {
  await using firewall = await startFirewall(redis.server);
  const factory = orders.open({
    connection: firewall.url,
    heartbeatIntervalMs: 1_000,
    heartbeatDeadlineMs: 300,
    stallLimitMs: 1_000,
    reconnectCapMs: 100,
  });
  const events: string[] = [];
  for (const name of [
    'connecting',
    'connected',
    'ready',
    'stalled',
    'stale',
    'reconnecting',
    'orphan',
  ] as const)
    factory.on(name, () => events.push(name));
  const client = factory.client();
  await client.ping();
  firewall.forget();
  // Not sent again: the server may have received it.
  await expect(client.ping()).rejects.toMatchObject({ code: 'HYG_STALLED', details: { role: 'command' } });
  expect(await client.ping()).toBe('PONG');
  const up = ['connecting', 'connected'];
  expect(events).toEqual([...up, 'ready', 'stalled', 'stale', 'reconnecting', ...up, 'orphan', 'ready']);
});

test('a client that is closed in the turn that made it dials nothing, and emits no error', async () => {
  await turn();
  const client = orders.open().client({ enableOfflineQueue: false });
  const emitted: string[] = [];
  for (const event of ['connect', 'error', 'end']) client.on(event, () => emitted.push(event));
  const ended = new Promise((resolve) => client.once('end', resolve));
  await expect(client.get('a')).rejects.toThrow('enableOfflineQueue');
  client.disconnect();
  await ended;
  await turn();
  expect(emitted).toEqual(['end']);
});
