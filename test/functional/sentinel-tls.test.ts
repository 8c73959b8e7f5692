import type { RedisOptions } from 'ioredis';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createRedisFactory, type FactoryOptions, type RedisFactory } from '../../src/index.js';
import { tlsSettings, writeCertificate } from '../support/certificate.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/redis/index.js';
import { startSentinels, type Node, type Sentinels } from '../support/sentinels.js';

/** TLS ports for three servers and three sentinels, and spare ones: a port may be taken before it is used. */
const PORTS = 20;
const FAILOVER_LIMIT_MS = 30_000;

const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-sentinel-tls-'));
const tlsPorts = new Map<number, number>();
let topology: Sentinels;
let ca: string;
let factory: RedisFactory | undefined;

beforeAll(async () => {
  ca = await writeCertificate(dir);
  const spare = await Promise.all(Array.from({ length: PORTS }, () => freePort()));
  /** A node keeps its TLS port when it is started again. */
  function settings(port: number): string[] {
    const tlsPort = tlsPorts.get(port) ?? spare.shift() ?? 0;
    tlsPorts.set(port, tlsPort);
    return tlsSettings(tlsPort, dir).map((setting) => setting.join(' '));
  }
  topology = await startSentinels({ settings });
});
afterAll(async () => {
  await topology[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});
afterEach(() => factory?.shutdown());

/** Maps the announced plain ports to the TLS ports, as behind a NAT. */
function natMap(key: string): { host: string; port: number } | null {
  const port = tlsPorts.get(Number(key.split(':')[1]));
  return port === undefined ? null : { host: '127.0.0.1', port };
}

/** A natMap for some of the nodes. The others are reached without TLS. */
function natMapFor(part: readonly Node[]): typeof natMap {
  return (key) => (part.some(({ host, port }) => key === `${host}:${port}`) ? natMap(key) : null);
}

function open(connection: RedisOptions): RedisFactory {
  const merged = { ...topology.connection, ...connection } as FactoryOptions['connection'];
  return (factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: merged }));
}

const encrypted = () =>
  topology.sentinels.map(({ host, port }) => ({ host, port: tlsPorts.get(port) as number }));

/** Expects one watcher on each sentinel, connected to this port. */
async function expectWatchersOn(ports: readonly (number | undefined)[]): Promise<void> {
  await eventually(async () => {
    const lists = await Promise.all(topology.sentinels.map((one) => one.call('CLIENT', 'LIST')));
    const rows = lists.map((list) =>
      String(list)
        .split('\n')
        .filter((row) => row.includes('name=orders@web-1#sentinel '))
        .map((row) => Number(/ laddr=\S+:(\d+)/.exec(row)?.[1])),
    );
    expect(rows).toEqual(ports.map((port) => [port]));
  });
}

test('sentinelTLS: queries and watchers are encrypted, also those of discovered sentinels', async () => {
  const ours = open({
    sentinels: encrypted().slice(0, 1),
    sentinelTLS: { ca },
    natMap: natMapFor(topology.sentinels),
  });
  const targets = new Set<string>();
  ours.on('connecting', ({ connection }) => void targets.add(connection.target));
  expect(await ours.client().set('key', 'value')).toBe('OK');
  await expectWatchersOn(encrypted().map(({ port }) => port));
  const sentinels = encrypted().map(({ port }) => `rediss://127.0.0.1:${port}`);
  expect([...targets].sort()).toEqual([...sentinels, 'sentinel://mymaster'].sort());
});

test('the client error names a sentinel certificate that is not trusted', async () => {
  const errors: unknown[] = [];
  const client = open({ sentinels: encrypted(), sentinelTLS: {}, updateSentinels: false }).client();
  client.on('error', (error) => errors.push(error));
  await eventually(() => expect(errors).not.toEqual([]));
  expect(errors[0]).toMatchObject({ code: 'HYG_SENTINEL_UNREACHABLE' });
  expect(String(errors[0])).toMatch(/self-signed/);
});

/** Remote port of the client's socket. */
const remotePortOf = (stream: unknown) => (stream as { remotePort?: number }).remotePort;

test('enableTLSForSentinelMode encrypts the connection to the master, and tls alone does not', async () => {
  const master = await topology.master();
  const plain = open({ tls: { ca } }).client();
  await plain.ping();
  expect(remotePortOf(plain.stream)).toBe(master.port);
  await factory?.shutdown();

  const ours = open({ tls: { ca }, enableTLSForSentinelMode: true, natMap: natMapFor(topology.servers) });
  const client = ours.client();
  expect(await client.set('key', 'value')).toBe('OK');
  expect(client.stream).toHaveProperty('encrypted', true);
  expect(remotePortOf(client.stream)).toBe(tlsPorts.get(master.port));
  await expectWatchersOn(topology.sentinels.map(({ port }) => port));
});

test('a client with TLS follows a failover over sentinels with TLS', async () => {
  const ours = open({
    ...{ sentinels: encrypted(), sentinelTLS: { ca }, natMap },
    ...{ tls: { ca }, enableTLSForSentinelMode: true },
  });
  const failovers: object[] = [];
  ours.on('failover', (failover) => failovers.push(failover));
  const client = ours.client();
  client.on('error', () => undefined);
  await client.ping();
  await expectWatchersOn(encrypted().map(({ port }) => port));
  const { to } = await topology.failover();
  await eventually(
    () => expect(failovers).toMatchObject([{ to: `127.0.0.1:${to}`, clients: 1, pending: 0 }]),
    FAILOVER_LIMIT_MS,
  );
  await client.set('key', 'value');
  expect(remotePortOf(client.stream)).toBe(tlsPorts.get(to));
}, 90_000);
