import type { ClusterOptions, RedisOptions } from 'ioredis';
import { expect, test } from 'vitest';
import type { HygieneError } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/redis/index.js';
import { addressesOf, KEYS, useCluster, useClusterFactory } from '../support/use-cluster.js';

// An exception of these functions is uncaught in ioredis: Vitest would report it, and fail this file.

const at = useCluster();
const orders = useClusterFactory();

/** A new function for each test, as each is reported once. */
const throws = () => (): never => {
  throw new Error('boom');
};

function recordErrors(): HygieneError[] {
  const errors: HygieneError[] = [];
  orders.factory.on('error', (error) => errors.push(error));
  return errors;
}

const threw = (option: string) =>
  expect.objectContaining({ code: 'HYG_OPTION_THREW', details: { option } }) as unknown;

test.for<[option: string, options: () => ClusterOptions]>([
  ['natMap', () => ({ natMap: throws() })],
  ['natMap', () => ({ natMap: new Proxy({}, { get: throws() }) })],
  ['scaleReads', () => ({ scaleReads: throws() })],
])('a Cluster whose %s throws goes on without it, and reports that once', async ([option, options]) => {
  const cluster = orders.open(at.servers, options());
  const errors = recordErrors();
  const reads = KEYS.map((key) => cluster.get(key)); // they wait for the Cluster, as scaleReads may throw then
  const writes = KEYS.map((key) => cluster.set(key, '1'));
  expect(await Promise.all(writes)).toEqual(['OK', 'OK', 'OK']);
  await Promise.all(reads);
  expect(await cluster.duplicate().get('a')).toBe('1');
  expect(errors).toEqual([threw(option)]);
});

test('a Cluster whose clusterRetryStrategy throws goes on trying', async () => {
  const options = { clusterRetryStrategy: throws() };
  const cluster = orders.open(at.servers, options, { nodes: addressesOf([{ port: await freePort() }]) });
  const errors = recordErrors();
  cluster.on('error', () => undefined);
  let attempts = 0;
  cluster.on('reconnecting', () => (attempts += 1));
  await eventually(() => expect(attempts).toBeGreaterThan(2));
  expect(errors.filter(({ code }) => code === 'HYG_OPTION_THREW')).toEqual([threw('clusterRetryStrategy')]);
  cluster.disconnect();
});

test('a Cluster names a startup node whose name cannot be resolved, once, and uses the others', async () => {
  const unknown = [{ host: 'no-such-host.invalid', port: 6379 }];
  const nodes = [...unknown, ...addressesOf(at.servers.nodes)];
  const cluster = orders.open(at.servers, {}, { nodes });
  const errors = recordErrors();
  expect(await cluster.set('a', '1')).toBe('OK');
  const unresolved = errors.filter(({ details }) => 'startupNode' in details);
  expect(unresolved).toMatchObject([
    { code: 'HYG_CONNECT_FAILED', details: { startupNode: 'no-such-host.invalid' } },
  ]);
});

test('a Cluster whose lookup throws dials its startup nodes by their names', async () => {
  const port = at.servers.nodes[0]?.port ?? 0;
  const cluster = orders.open(at.servers, { dnsLookup: throws() }, { nodes: [{ host: 'localhost', port }] });
  const errors = recordErrors();
  expect(await cluster.set('a', '1')).toBe('OK');
  expect(errors).toMatchObject([{ code: 'HYG_CONNECT_FAILED', details: { startupNode: 'localhost' } }]);
});

test.for<[option: string, options: () => RedisOptions]>([
  ['retryStrategy', () => ({ retryStrategy: throws() })],
  ['reconnectOnError', () => ({ reconnectOnError: throws() })],
])('a client whose %s throws is connected again, and reports that once', async ([option, options]) => {
  orders.open(at.servers); // for its factory
  const port = at.servers.nodes[0]?.port ?? 0;
  const errors = recordErrors();
  const client = orders.factory.client({ host: '127.0.0.1', port, ...options() });
  for (let round = 0; round < 2; round += 1) {
    await expect(client.call('NO-SUCH-COMMAND')).rejects.toThrow('unknown command');
    await client
      .call('CLIENT', 'KILL', 'ID', await client.client('ID'), 'SKIPME', 'no')
      .catch(() => undefined);
    await eventually(async () => expect(await client.ping()).toBe('PONG'));
  }
  expect(errors).toEqual([threw(option)]);
});
