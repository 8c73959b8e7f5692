import { Redis } from 'ioredis';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAttributor } from '../../../src/doctor/attribution/attribute.js';
import type { Peer } from '../../../src/doctor/attribution/attribution.js';
import { type IsLocal, createIsLocal } from '../../../src/doctor/attribution/ip-address.js';
import { peerOf } from '../../../src/doctor/attribution/peers.js';
import { loadProcessResolver } from '../../../src/doctor/attribution/process/process-resolver.js';
import { createRowReader } from '../../../src/doctor/client-list/row-reader.js';
import { type ClientRow, keepRow, viewRow } from '../../../src/doctor/client-list/client-row.js';
import { findRedisBinary, type RedisServer } from '../../support/redis/index.js';
import { startProcess } from '../../support/redis/process.js';

// The server always runs on this machine, because only there processes can be found by their ports.

const PASSWORD = 'zq9-never-shown-zq9';
const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-orders-'));
const path = join(folder, 'redis.sock');
const children: ChildProcess[] = [];
const clients: Redis[] = [];
let server: RedisServer;
let admin: Redis;

/** Opens a connection to each of the addresses, prints `up`, and keeps running. */
const PROGRAM = `
import { connect } from 'node:net';
const addresses = JSON.parse(process.env.ADDRESSES);
const sockets = addresses.map((address) => connect(address).on('error', () => process.exit(1)));
let answers = 0;
for (const socket of sockets) {
  socket.write('PING\\r\\n');
  socket.on('data', () => (answers += 1) === sockets.length && console.log('up'));
}
`;

async function start(...addresses: readonly object[]): Promise<ChildProcess & { readonly pid: number }> {
  const args = ['server.mjs', '--password', PASSWORD, `redis://:${PASSWORD}@localhost`, PASSWORD];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ADDRESSES: JSON.stringify(addresses), REDIS_PASSWORD: PASSWORD },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child as ChildProcess & { readonly pid: number };
}

beforeAll(async () => {
  writeFileSync(join(folder, 'server.mjs'), PROGRAM);
  writeFileSync(join(folder, 'package.json'), '{"name":"@shop/orders"}');
  server = await startProcess(await findRedisBinary(), { args: ['--unixsocket', path] });
  admin = new Redis(server.port, server.host);
  await admin.config('SET', 'bind', '127.0.0.1 ::1');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const client of clients.splice(0)) client.disconnect();
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** The rows that a client lists, and the addresses in them that are local. */
async function listRows(
  client: Redis,
): Promise<{ readonly rows: readonly ClientRow[]; readonly isLocal: IsLocal }> {
  const rows: ClientRow[] = [];
  const reader = createRowReader((row) => rows.push(keepRow(row, 'here')));
  const id = await client.client('ID');
  reader.write((await client.callBuffer('CLIENT', 'LIST')) as Buffer);
  reader.end();
  const own = rows.find((row) => row.id === id);
  if (!own) throw new Error('CLIENT LIST does not contain its own connection.');
  return { rows, isLocal: createIsLocal(own, (client as unknown as { stream: Socket }).stream) };
}

async function attributePeers(client = admin) {
  const { rows, isLocal } = await listRows(client);
  const peers = rows.map((row) => peerOf(viewRow(row), isLocal));
  const { attributionOf, warnings } = await createAttributor([await loadProcessResolver(peers)]).attribute(
    peers,
  );
  return { attributions: peers.map((_, number) => attributionOf(number)), peers, warnings };
}

/** Owners with their confidence, and how often they occur. */
async function countOwners(client = admin): Promise<ReadonlyMap<string, number>> {
  const { attributions } = await attributePeers(client);
  const owners = attributions.map(({ owner, confidence }) => `${owner}: ${confidence}`);
  return new Map(owners.map((owner) => [owner, owners.filter((other) => other === owner).length]));
}

const tcp = (host: string) => ({ host, port: server.port });

describe('a process on the server’s own machine', () => {
  test('is found by the ports of its connections, over IPv4 and IPv6', async () => {
    const one = await start(tcp('127.0.0.1'), tcp('127.0.0.1'), tcp('::1'));
    const two = await start(tcp('::1'));
    const owners = await countOwners();
    expect(owners.get(`node server.mjs (pid ${one.pid}): certain`)).toBe(3);
    expect(owners.get(`node server.mjs (pid ${two.pid}): certain`)).toBe(1);
  });

  test('has a package, a host and a folder, and its command line arguments are not shown', async () => {
    const { pid } = await start(tcp('127.0.0.1'));
    const { attributions } = await attributePeers();
    expect(attributions.find(({ owner }) => owner.includes(`(pid ${pid})`))).toEqual({
      owner: `node server.mjs (pid ${pid})`,
      source: 'process',
      confidence: 'certain',
      service: 'shop/orders',
      host: hostname(),
      note: `in ${folder}`,
    });
    expect(JSON.stringify(attributions)).not.toContain(PASSWORD);
  });

  test('is found as well if the list is read over the unix socket or IPv6', async () => {
    const { pid } = await start(tcp('127.0.0.1'));
    clients.push(new Redis({ path }), new Redis({ host: '::1', port: server.port }));
    for (const client of clients) {
      const owners = await countOwners(client);
      expect(owners.get(`node server.mjs (pid ${pid}): certain`)).toBe(1);
    }
  });

  test('on the unix socket is ambiguous', async () => {
    await start({ path }, { path });
    const { attributions, peers } = await attributePeers();
    const { ip } = peers.find((peer) => peer.ip === path) as Peer;
    const attribution = { owner: ip, source: 'address', confidence: 'ambiguous' };
    expect(attributions.filter(({ owner }) => owner === path)).toMatchObject([attribution, attribution]);
  });

  test('that has ended is not named', async () => {
    const child = await start(tcp('127.0.0.1'));
    const { rows, isLocal } = await listRows(admin);
    const peers = rows.map((row) => peerOf(viewRow(row), isLocal));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { attributionOf } = await createAttributor([await loadProcessResolver(peers)]).attribute(peers);
    expect(peers.map((_, number) => attributionOf(number).owner).join()).not.toContain(`(pid ${child.pid})`);
  });
});

test.skipIf(process.getuid?.() !== 0)(
  'processes of other users are named only to root, and one warning says so (needs root)',
  async () => {
    const { pid } = await start(tcp('127.0.0.1'), tcp('127.0.0.1'));
    process.seteuid?.(65_534);
    try {
      const { attributions, warnings } = await attributePeers();
      expect(attributions.filter(({ owner }) => owner.includes(`(pid ${pid})`))).toEqual([]);
      expect(attributions).toContainEqual({
        owner: '127.0.0.1',
        source: 'process',
        confidence: 'ambiguous',
        note: 'a process of user 0 on this machine that this user may not inspect',
      });
      expect(warnings).toEqual([
        expect.stringMatching(
          /^Without an owner: \d+ connections? of this machine, held by processes of other users\. Run the command as root/,
        ),
      ]);
    } finally {
      process.seteuid?.(0);
    }
  },
);

test('behind a proxy, ports are not looked up on this machine', async () => {
  const { rows } = await listRows(admin);
  const [row] = rows;
  if (!row) throw new Error('There is no row.');
  const isLocal = createIsLocal(row, {
    localAddress: '127.0.0.1',
    localPort: 1,
    remoteAddress: '127.0.0.1',
    remotePort: server.port,
  });
  const peers = rows.map((one) => peerOf(viewRow(one), isLocal));
  expect(peers.filter(({ port }) => port !== undefined)).toEqual([]);
});
