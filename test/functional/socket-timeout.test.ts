import type { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { connectionOf } from '../../src/connect/connectors/enforced-connector.js';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { startRedis } from '../support/redis/index.js';
import { KEYS, useCluster, useClusterFactory } from '../support/use-cluster.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const nodes = useCluster();
const clusters = useClusterFactory();

const FAST = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300, reconnectCapMs: 100 };

const SOCKET_TIMEOUT_MS = 500;

function timerOf(client: Redis): unknown {
  return clientInternals(client).socketTimeoutTimer;
}

async function openClient(): Promise<Redis> {
  const client = orders.open(FAST).client({ socketTimeout: SOCKET_TIMEOUT_MS });
  await client.ping();
  return client;
}

/** Sends the PING of a health check. */
function sendHealthCheckPing(client: Redis): void {
  void connectionOf(clientInternals(client).connector)?.owner?.ping();
}

describe('the socketTimeout of a client', () => {
  test('is not started by the PING of a health check', async () => {
    const client = await openClient();
    sendHealthCheckPing(client);
    expect(clientInternals(client).commandQueue).toHaveLength(1);
    expect(timerOf(client)).toBeUndefined();
    await client.ping();
    expect(timerOf(client)).toBeUndefined();
  });

  test('is started by a command of the application that follows an unanswered PING, and ends with its answer', async () => {
    const client = await openClient();
    sendHealthCheckPing(client);
    const answer = client.get('k');
    expect(timerOf(client)).toEqual(expect.any(Object));
    await answer;
    expect(timerOf(client)).toBeUndefined();
  });

  test('keeps running for a command in flight', async () => {
    const client = await openClient();
    const answer = client.get('k');
    const timer = timerOf(client);
    sendHealthCheckPing(client);
    expect(timerOf(client)).toBe(timer);
    await answer;
  });
});

test('the nodes of a Cluster with a socketTimeout are pinged, and the PING does not start it', async () => {
  const cluster = clusters.open(nodes.servers, { redisOptions: { socketTimeout: SOCKET_TIMEOUT_MS } });
  for (const key of KEYS) await cluster.set(key, '1');
  for (const node of cluster.nodes('master')) {
    expect(connectionOf(clientInternals(node).connector)?.owner?.expectation()).toBe('nothing');
    sendHealthCheckPing(node);
    expect(clientInternals(node).commandQueue).toHaveLength(1);
    expect(timerOf(node)).toBeUndefined();
  }
});

test('a server that stalls does not lose an idle client with a socketTimeout, but one that waits for an answer', async ({
  skip,
}) => {
  await using server = await startRedis();
  if (server.source === 'environment') skip('The server is shared: it cannot be paused.');
  const factory = orders.open({ ...FAST, connection: server.url });
  const client = factory.client({ socketTimeout: SOCKET_TIMEOUT_MS });
  await client.ping();
  const stalled = new Promise((resolve) => void factory.once('stalled', resolve));
  await server.pause();
  await stalled;
  await pause(2 * SOCKET_TIMEOUT_MS);
  expect(factory.connections()).toMatchObject([{ state: 'ready', dials: 1 }]);
  const lost = new Promise<void>((resolve) => void client.once('close', resolve));
  const errors: string[] = [];
  client.on('error', ({ message }) => errors.push(message));
  const answer = client.get('k');
  await lost;
  expect(errors.join()).toContain('Socket timeout');
  await server.resume();
  expect(await answer).toBeNull();
});
