import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster } from '../../support/cluster.js';
import type { Consumer } from '../../support/consumer.js';
import { eventually } from '../../support/eventually.js';
import { createObservedApplication, startObserved } from '../../support/observed-program.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
let application: Consumer;

beforeAll(() => {
  application = createObservedApplication();
});
afterAll(() => application[Symbol.dispose]());

const start = () =>
  startObserved(application, { REDIS_URL: redis.server.url, REDIS_HYGIENE_SHUTDOWN: 'SIGTERM' });

const addresses = () => [{ host: redis.server.host, port: redis.server.port }];

test('a client of GLIDE is in the ledger from its creation to close()', async () => {
  await using program = await start();
  await program.act('glide', { addresses: addresses() });
  const { connections } = await program.agreesOn(1, redis.rows);
  expect(connections[0]).toMatchObject({ role: 'glide', target: redis.server.url });
  expect(connections[0]?.callSite.join('\n')).toContain('observed.mjs');
  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await eventually(async () => {
    await program.act('set', 1);
    await program.agreesOn(1, redis.rows);
  });
  await program.act('close');
  await program.agreesOn(0, redis.rows);
});

test('a client of GLIDE that cannot connect leaves the ledger', async () => {
  await using program = await start();
  const look = await program.act('glide', { addresses: [{ host: '127.0.0.1', port: 1 }] });
  expect(look).toMatchObject({
    error: expect.stringContaining('Connection') as string,
    connections: [],
    used: 0,
  });
});

test('at shutdown the commands of GLIDE are answered before its clients are closed', async () => {
  const program = await start();
  // The default of GLIDE is 250 ms, which a busy machine may need for a PING.
  await program.act('glide', { addresses: addresses(), requestTimeout: 20_000 });
  await program.act('begin', 200);
  const { report, replies } = await program.shutDown();
  expect(report).toMatchObject({ closed: 1, forced: 0 });
  expect(new Set(replies)).toEqual(new Set(['OK']));
  expect((await program.exit).code).toBe(0);
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

test('a Cluster client of GLIDE has two connections to each node', async () => {
  await using cluster = await startCluster();
  const program = await start();
  const [first] = cluster.nodes;
  const glide = { addresses: [{ host: '127.0.0.1', port: first?.port }], isCluster: true };
  await program.act('glide', glide);
  await program.act('set', 30);
  await eventually(async () => {
    const { connections, used, lines } = await program.act('look');
    const rows = await cluster.rows();
    expect(rows).toHaveLength(2 * cluster.nodes.length);
    expect([connections.length, used]).toEqual([rows.length, rows.length]);
    expect(lines.map(([, count]) => count)).toEqual([1]);
  });
  const { report } = await program.shutDown();
  expect(report.forced).toBe(0);
  expect((await program.exit).code).toBe(0);
  await eventually(async () => expect(await cluster.rows()).toEqual([]));
});
