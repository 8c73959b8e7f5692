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

/** Three servers, three sentinels, and some to spare: a port may be taken just before it is used. */
const PORTS = 20;
const MOVED_MS = 30_000;

const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-sentinel-tls-'));
const tlsPorts = new Map<number, number>();
let topology: Sentinels;
let ca: string;
let factory: RedisFactory | undefined;

beforeAll(async () => {
  ca = await writeCertificate(dir);
  const spare = await Promise.all(Array.from({ length: PORTS }, () => freePort()));
  /** The same port again when it is started again. */
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

/** They announce the ports without TLS: the others are behind a map, as it is behind a NAT. */
function natMap(key: string): { host: string; port: number } | null {
  const port = tlsPorts.get(Number(key.split(':')[1]));
  return port === undefined ? null : { host: '127.0.0.1', port };
}

/** The map for a part of them: the others speak without TLS. */
function mapOf(part: readonly Node[]): typeof natMap {
  return (key) => (part.some(({ host, port }) => key === `${host}:${port}`) ? natMap(key) : null);
}

function open(connection: RedisOptions): RedisFactory {
  const whole = { ...topology.connection, ...connection } as FactoryOptions['connection'];
  return (factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: whole }));
}

const encrypted = () =>
  topology.sentinels.map(({ host, port }) => ({ host, port: tlsPorts.get(port) as number }));

/** The port under which each sentinel has our watcher. */
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

test('sentinelTLS: the question and the watchers are encrypted, those that are told of too', async () => {
  const ours = open({
    sentinels: encrypted().slice(0, 1),
    sentinelTLS: { ca },
    natMap: mapOf(topology.sentinels),
  });
  const targets = new Set<string>();
  ours.on('connecting', ({ connection }) => void targets.add(connection.target));
  expect(await ours.client().set('key', 'value')).toBe('OK');
  await expectWatchersOn(encrypted().map(({ port }) => port));
  const sentinels = encrypted().map(({ port }) => `rediss://127.0.0.1:${port}`);
  expect([...targets].sort()).toEqual([...sentinels, 'sentinel://mymaster'].sort());
});

test('a sentinel whose certificate is not trusted is told as such', async () => {
  const told: unknown[] = [];
  const client = open({ sentinels: encrypted(), sentinelTLS: {}, updateSentinels: false }).client();
  client.on('error', (error) => told.push(error));
  await eventually(() => expect(told).not.toEqual([]));
  expect(told[0]).toMatchObject({ code: 'HYG_SENTINEL_UNREACHABLE' });
  expect(String(told[0])).toMatch(/self-signed/);
});

/** The port that the client has dialled, by its own word. */
const dialled = (stream: unknown) => (stream as { remotePort?: number }).remotePort;

test('enableTLSForSentinelMode: the master is encrypted, and tls alone does not do it', async () => {
  const master = await topology.master();
  const plain = open({ tls: { ca } }).client();
  await plain.ping();
  expect(dialled(plain.stream)).toBe(master.port);
  await factory?.shutdown();

  const ours = open({ tls: { ca }, enableTLSForSentinelMode: true, natMap: mapOf(topology.servers) });
  const client = ours.client();
  expect(await client.set('key', 'value')).toBe('OK');
  expect(client.stream).toHaveProperty('encrypted', true);
  expect(dialled(client.stream)).toBe(tlsPorts.get(master.port));
  await expectWatchersOn(topology.sentinels.map(({ port }) => port));
});

test('an encrypted client follows a failover that encrypted sentinels tell', async () => {
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
    () => expect(failovers).toMatchObject([{ to: `127.0.0.1:${to}`, clients: 1, waiting: 0 }]),
    MOVED_MS,
  );
  await client.set('key', 'value');
  expect(dialled(client.stream)).toBe(tlsPorts.get(to));
}, 90_000);
