import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { createMetricReaders, type MetricReaders } from '../support/metric-readers.js';
import { freePort } from '../support/redis/index.js';

let readers: MetricReaders;
beforeAll(async () => {
  readers = await createMetricReaders();
});
afterAll(() => readers[Symbol.asyncDispose]());

const CLIENTS = 1_000;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test('1000 targets and roles are at most 101 and 51 in each backend, and none of their connections is lost', async () => {
  const port = await freePort(); // where nobody listens
  await using factory = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    limits: { connections: 5_000, perCallSite: 5_000 },
    reconnectBaseMs: 10_000,
    reconnectCapMs: 60_000,
  });
  for (let index = 0; index < CLIENTS; index += 1) {
    const host = `127.0.${Math.floor(index / 250)}.${(index % 250) + 1}`;
    const client = factory.client({ host, port, connectionName: `role-${index}` });
    client.on('error', () => undefined);
  }
  await eventually(async () => {
    const name = 'redis_hygiene_connections_disconnected';
    const samples = (await readers.scrape()).filter((one) => one.name === name);
    expect(sum(samples.map(({ value }) => value))).toBe(CLIENTS);
    expect(new Set(samples.map(({ labels }) => labels['target'])).size).toBe(101);
    expect(new Set(samples.map(({ labels }) => labels['role'])).size).toBe(51);

    const { prometheus, openTelemetry, openTelemetryAsText } = await readers.read();
    expect(openTelemetry).toEqual(prometheus);
    expect(openTelemetryAsText).toEqual(prometheus);
    const keys = Object.keys(openTelemetry).filter((key) =>
      key.startsWith('redis_hygiene_connection_disconnected '),
    );
    expect(sum(keys.map((key) => openTelemetry[key] ?? 0))).toBe(CLIENTS);
    expect(keys.length).toBeLessThanOrEqual(2 * 101);
    expect(keys.filter((key) => key.includes('pool_name=other other'))).not.toEqual([]);
  }, 30_000);
});
