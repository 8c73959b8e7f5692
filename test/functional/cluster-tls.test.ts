import { Redis as Raw } from 'ioredis';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createRedisFactory, type HygieneError, type RedisFactory } from '../../src/index.js';
import { tlsArguments, writeCertificate } from '../support/certificate.js';
import { eventually } from '../support/eventually.js';
import { freePort, startRedis, type RedisServer } from '../support/redis/index.js';

// One node that holds all slots and announces its TLS port.

const PASSWORD = 's3cret';
const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-cluster-tls-'));
let server: RedisServer;
let admin: Raw;
let tlsPort: number;
let ca: string;
let factory: RedisFactory;

beforeAll(async () => {
  ca = await writeCertificate(dir);
  const cluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--tls-cluster', 'yes'];
  const args = async () => {
    tlsPort = await freePort();
    return [...cluster, ...tlsArguments(tlsPort), '--requirepass', PASSWORD];
  };
  server = await startRedis({ dir, args });
  admin = new Raw(server.port, server.host, { password: PASSWORD, disableClientInfo: true });
  await admin.cluster('ADDSLOTSRANGE', 0, 16_383);
  await eventually(async () => expect(await admin.cluster('INFO')).toContain('cluster_state:ok'));
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});
afterEach(() => factory.shutdown());

/** Name and port of each connection in CLIENT LIST. */
async function listConnections(): Promise<string[]> {
  const [own, list] = await Promise.all([admin.client('ID'), admin.client('LIST')]);
  const rows = String(list)
    .split('\n')
    .filter((row) => row && !row.startsWith(`id=${own} `));
  return rows.map((row) => row.replace(/^.* laddr=\S+:(\d+) .* name=(\S*) .*$/, '$2 on $1')).sort();
}

function open(tls: object, password = PASSWORD) {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const options = { redisOptions: { tls, password }, clusterRetryStrategy: () => null };
  const cluster = factory.cluster([{ host: '127.0.0.1', port: tlsPort }], options);
  cluster.on('error', () => undefined);
  return cluster;
}

test('nodes and subscribers of a Cluster are encrypted, named, and closed by shutdown()', async () => {
  const cluster = open({ ca });
  expect(await cluster.set('key', '1')).toBe('OK');
  await cluster.subscribe('news');
  const names = ['ioredis-cluster(subscriber):orders@web-1#cluster', 'orders@web-1#cluster'];
  await eventually(async () =>
    expect(await listConnections()).toEqual(names.map((name) => `${name} on ${tlsPort}`)),
  );
  expect(await factory.shutdown()).toMatchObject({ closed: 2, forced: 0 });
  await eventually(async () => expect(await listConnections()).toEqual([]));
});

test.each([
  ['HYG_CONNECT_FAILED', /self-signed certificate/, () => open({})],
  ['HYG_AUTH_REFUSED', /WRONGPASS/, () => open({ ca }, 'wr0ng')],
] as const)(
  '%s: a Cluster that is refused reports it and leaves no connection',
  async (code, why, attempt) => {
    const cluster = attempt();
    const failures: HygieneError[] = [];
    factory.on('error', (error) => failures.push(error));
    await expect(cluster.get('key')).rejects.toThrow('None of startup nodes is available');
    await eventually(() => expect(failures).toMatchObject([{ code, message: expect.stringMatching(why) }]));
    expect(failures[0]?.message).not.toContain('wr0ng');
    await eventually(() => expect(factory.connections()).toEqual([]));
    await eventually(async () => expect(await listConnections()).toEqual([])); // the server sees a close later than the ledger
  },
);
