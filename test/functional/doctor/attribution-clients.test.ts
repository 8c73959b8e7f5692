import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { findRedisBinary, type RedisServer } from '../../support/redis/index.js';
import { startProcess } from '../../support/redis/process.js';

// All sources together, on the command line. Each source has unit tests of its own.

const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
const path = join(folder, 'redis.sock');
const sockets: Socket[] = [];
let redis: RedisServer;

beforeAll(async () => {
  redis = await startProcess(await findRedisBinary(), { args: ['--unixsocket', path] });
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

/** Opens a connection with this name, or without one. */
async function open(name: string, address: object = { host: redis.host, port: redis.port }): Promise<void> {
  const socket = connect(address as { port: number });
  sockets.push(socket);
  socket.write(`CLIENT SETNAME "${name}"\r\n`);
  await once(socket, 'data');
}

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const run = (...argv: readonly string[]) => runCli(['clients', ...argv]);

/** Groups of `--json` without the command's own, each as `clients owner: source confidence`. */
async function owners(...argv: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await run(...argv, '--json');
  expect([code, stderr]).toEqual([0, '']);
  const { groups } = JSON.parse(stdout) as {
    groups: { key: string; clients: number; attribution?: { source: string; confidence: string } }[];
  };
  return groups
    .filter(({ key }) => !key.startsWith('redis-hygiene@'))
    .map(
      ({ key, clients, attribution }) =>
        `${clients} ${key}: ${attribution?.source} ${attribution?.confidence}`,
    )
    .sort();
}

const names = [
  'orders@web-1',
  'orders@web-1#subscriber',
  'bull:b3JkZXJz:w:mailer',
  'legacy',
  'ioredis-cluster(refresher)',
  'sentinel-1f2e3d4c-cmd',
];

test('connections of this machine get their process, unless redis-hygiene named them', async () => {
  for (const name of ['', ...names]) await open(name);
  await open('', { path });
  const own = (await owners(redis.url)).filter((line) => line.includes(`(pid ${process.pid})`));
  expect(own).toEqual([expect.stringMatching(/^4 node .*: process certain$/)]);
  expect((await owners(redis.url)).filter((line) => !own.includes(line))).toEqual([
    `1 ${path}: address ambiguous`,
    '1 sentinel 1f2e3d4c at 127.0.0.1: server certain',
    '2 orders@web-1: name certain',
  ]);
});

test('with --no-processes, owners come from names', async () => {
  for (const name of ['', ...names]) await open(name);
  expect(await owners(redis.url, '--no-processes')).toEqual([
    '1 bull:orders: library likely',
    '1 legacy: other-name likely',
    '1 sentinel 1f2e3d4c at 127.0.0.1: server certain',
    '2 127.0.0.1: address ambiguous',
    '2 orders@web-1: name certain',
  ]);
});

const LIST = [
  'id=3 addr=10.0.0.7:5000 laddr=10.0.0.1:6379 name= flags=N lib-name=ioredis',
  'id=4 addr=10.0.0.7:5001 laddr=10.0.0.1:6379 name= flags=N lib-name=ioredis',
  'id=5 addr=10.0.0.8:5000 laddr=10.0.0.1:6379 name= flags=N lib-name=ioredis(orders)',
  'id=6 addr=[2001:db8::9]:5000 laddr=10.0.0.1:6379 name= flags=N lib-name=',
  'id=7 addr=10.0.0.9:6379 laddr=10.0.0.1:5001 name= flags=S lib-name=',
  `id=8 addr=127.0.0.1:${process.pid} laddr=127.0.0.1:6379 name= flags=N lib-name=`,
  '',
].join('\n');

test('a saved list gets names of a hosts file, and no processes of this machine', async () => {
  const hosts = file('hosts', '10.0.0.7 web-1\n2001:DB8:0::9 web-6\n127.0.0.1 localhost\n');
  expect(await owners('--file', file('list', LIST), '--hosts', hosts)).toEqual([
    '1 127.0.0.1: address ambiguous',
    '1 orders: library-tag likely',
    '1 replica 10.0.0.9: server certain',
    '1 web-6: hosts likely',
    '2 web-1: hosts likely',
  ]);
});

test.each([
  [
    '10.0.0.7',
    /^warning Line 1 of \S+hosts has no name for 10\.0\.0\.7\. Expected .* goes on without this source\.\n$/,
  ],
  ['orders 10.0.0.7', /^warning Line 1 of \S+hosts begins with "orders", which is not an IP address\./],
])('a hosts file with the line %j is a warning, and the others are used', async (line, message) => {
  const { code, stdout, stderr } = await run('--file', file('list', LIST), '--hosts', file('hosts', line));
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(message) });
  expect(stdout).toContain('replica 10.0.0.9');
});

test('roles, services and hosts come from any source that knows them', async () => {
  await open('orders@web-1#subscriber');
  await open('bull:b3JkZXJz:w:mailer');
  const keys = async (by: string) =>
    (await owners(redis.url, '--by', by)).map((line) => line.replace(/: .*/, ''));
  expect(await keys('role')).toEqual(expect.arrayContaining(['1 subscriber', '1 worker']));
  expect(await keys('service')).toContain('1 orders');
  expect(await keys('host')).toContain('1 web-1');
});
