import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.js';
import { parseServerEndpoint } from '../../../src/doctor/server/server-endpoint.js';
import { openServer } from '../../../src/doctor/server/open-server.js';
import { createServerSource } from '../../../src/doctor/sources/source.js';
import { findRedisBinary, type RedisServer } from '../../support/redis/index.js';
import { startProcess } from '../../support/redis/process.js';

const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
const path = join(folder, 'redis.sock');
let redis: RedisServer;

beforeAll(async () => {
  redis = await startProcess(await findRedisBinary(), { args: ['--unixsocket', path] });
  using admin = await connectTo(redis.url);
  await admin.server.call('CONFIG', 'SET', 'bind', '* -::*');
  await admin.server.call('CONFIG', 'SET', 'protected-mode', 'no');
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

async function connectTo(address: string) {
  const server = await openServer(parseServerEndpoint(address), {
    clock: systemClock,
    timeoutMs: 5000,
    waitMs: 0,
    tls: {},
    signal: new AbortController().signal,
    onWaiting: () => undefined,
  });
  return { server, [Symbol.dispose]: () => server.close() };
}

/** The addresses that count as local when the server is reached at this address. */
async function localAddressesAt(address: string): Promise<readonly string[]> {
  using connection = await connectTo(address);
  const { isLocal } = await createServerSource(connection.server, () => undefined);
  return ['127.0.0.1', '::1', ...outside, '192.0.2.1'].filter(isLocal);
}

/** Addresses of this machine other than loopback. Only IPv4, since IPv6 addresses may need a zone. */
const outside = Object.values(networkInterfaces())
  .flatMap((some) => some ?? [])
  .filter(({ family, internal }) => family === 'IPv4' && !internal)
  .map(({ address }) => address);

const all = ['127.0.0.1', '::1', ...outside];

test('for a server on this machine, all addresses of this machine are local', async () => {
  expect(await localAddressesAt(`127.0.0.1:${redis.port}`)).toEqual(all);
  expect(await localAddressesAt(`[::1]:${redis.port}`)).toEqual(all);
  expect(await localAddressesAt(path)).toEqual(all);
});

test.skipIf(outside.length === 0)(
  'all addresses are local too if the server is reached at another address than loopback (needs an interface)',
  async () => {
    expect(await localAddressesAt(`${outside[0] ?? ''}:${redis.port}`)).toEqual(all);
  },
);

test('behind a proxy no address is local', async () => {
  const proxy = createServer((socket) => {
    const upstream = connect(redis.port, '127.0.0.1');
    for (const side of [socket, upstream]) side.on('error', () => undefined);
    socket.pipe(upstream).pipe(socket);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void proxy.close());
  await once(proxy, 'listening');
  expect(await localAddressesAt(`127.0.0.1:${(proxy.address() as AddressInfo).port}`)).toEqual([]);
});

test('without the right to CLIENT INFO no address is local', async () => {
  using admin = await connectTo(redis.url);
  await admin.server.call('ACL', 'SETUSER', 'guest', 'on', '>guest', '+client|list', '+client|setname');
  expect(await localAddressesAt(`redis://guest:guest@127.0.0.1:${redis.port}`)).toEqual([]);
});
