import { expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { eventually } from '../support/eventually.js';
import { startFirewall } from '../support/firewall.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** TCP sockets that this process has open or is opening. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((type) => /^TCP(Socket|Connect)Wrap$/.test(type)).length;
}

/** Pseudo-random, so that a failure can be played again. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * sides);
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test.each([1, 2, 3])('whatever meets, a client never has two sockets (seed %i)', async (seed) => {
  const dice = createDice(seed);
  const client = orders.open({ reconnectBaseMs: 1, reconnectCapMs: 100 }).client();
  client.on('error', () => undefined);
  await client.ping();
  const others = sockets() - 1;
  const actions: (() => unknown)[] = [
    () => client.disconnect(true),
    () => client.disconnect(),
    () => client.connect().catch(() => undefined),
    () => client.connect().catch(() => undefined),
    () => client.quit().catch(() => undefined),
    () => client.get('a').catch(() => undefined),
    () => clientInternals(client).stream?.destroy(), // what a stale verdict does
    () => clientInternals(client).stream?.destroy(new Error('a fault')),
  ];
  let most = 0;
  for (let step = 0; step < 2_000; step += 1) {
    actions[dice(actions.length)]?.();
    most = Math.max(most, sockets() - others);
    if (dice(2) === 0) await turn();
    if (dice(40) === 0) await new Promise((resolve) => setTimeout(resolve, dice(5)));
    most = Math.max(most, sockets() - others);
  }
  expect(most).toBe(1);
  // The last step may have been a disconnect() that is still under way.
  await eventually(async () => {
    await client.connect().catch(() => undefined);
    expect(await client.ping()).toBe('PONG');
  });
  expect(await redis.names()).toEqual(['orders@web-1']);
});

test('a monitor that is told to connect again closes its socket first; ioredis alone would keep both', async () => {
  const client = orders.open().client();
  const monitor = await client.monitor();
  await eventually(() => expect(monitor.status).toBe('monitoring'));
  const before = sockets();
  const names = await redis.names();
  const told: string[] = [];
  for (const name of ['reconnecting', 'connecting', 'ready'] as const)
    orders.factory.on(name, () => told.push(name));
  // ioredis takes the close of the old socket for that of the new one, now and then: its promise says nothing here.
  await monitor.connect().catch(() => undefined);
  await eventually(() => expect(told).toEqual(['reconnecting', 'connecting', 'ready']));
  expect(sockets()).toBe(before);
  await eventually(async () => expect(await redis.names()).toEqual(names));
  await new Promise((resolve) => setTimeout(resolve, 300)); // longer than the first delay before a redial
  expect(told).toEqual(['reconnecting', 'connecting', 'ready']);
});

test('the events of a stale connection tell it: closed before the next is dialled', async () => {
  await using firewall = await startFirewall(redis.server);
  const factory = orders.open({
    connection: firewall.url,
    heartbeatIntervalMs: 1_000,
    heartbeatDeadlineMs: 300,
    stallLimitMs: 1_000,
    reconnectCapMs: 100,
  });
  const told: string[] = [];
  for (const name of [
    'connecting',
    'connected',
    'ready',
    'stalled',
    'stale',
    'reconnecting',
    'orphan',
  ] as const)
    factory.on(name, () => told.push(name));
  const client = factory.client();
  await client.ping();
  firewall.forget();
  // It is not sent again: the server has it, for all that this process can know.
  await expect(client.ping()).rejects.toMatchObject({ code: 'HYG_STALLED', details: { role: 'command' } });
  expect(await client.ping()).toBe('PONG');
  const up = ['connecting', 'connected'];
  expect(told).toEqual([...up, 'ready', 'stalled', 'stale', 'reconnecting', ...up, 'orphan', 'ready']);
});

test('a client that is closed in the turn that made it dials nothing, and tells of no error', async () => {
  await turn();
  const client = orders.open().client({ enableOfflineQueue: false });
  const heard: string[] = [];
  for (const event of ['connect', 'error', 'end']) client.on(event, () => heard.push(event));
  const ended = new Promise((resolve) => client.once('end', resolve));
  await expect(client.get('a')).rejects.toThrow('enableOfflineQueue');
  client.disconnect();
  await ended;
  await turn();
  expect(heard).toEqual(['end']);
});
