import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { createConsumer, type Consumer } from '../support/consumer.js';
import { type ExposedSample, parseExposition } from '../support/exposition.js';
import { startProgram } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const PEERS = ['prom-client', '@opentelemetry/api'];
/** What the entry point of Nest loads. All others load without their framework. */
const NEST = ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'];
const ENTRIES = Object.keys(packageJson.exports)
  .filter((entry) => entry !== './package.json')
  .map((entry) => entry.replace('.', 'redis-hygiene'));

async function printedBy(consumer: Consumer, file: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout, stderr } = await startProgram(consumer, file, { REDIS_URL: redis.server.url, ...env }).exit;
  expect(stderr).toBe('');
  return stdout;
}

const sum = (samples: readonly ExposedSample[], name: string, state?: string) =>
  samples
    .filter(
      (one) => one.name === `redis_hygiene_${name}` && (state === undefined || one.labels['state'] === state),
    )
    .reduce((total, { value }) => total + value, 0);

test.for(ENTRIES)('%s loads no metrics library, although they are installed', async (entry) => {
  using consumer = createConsumer('ioredis', [...PEERS, ...(entry.endsWith('/nestjs') ? NEST : [])]);
  const loaded = JSON.parse(await printedBy(consumer, 'loads.mjs', { ENTRY: entry })) as string[];
  expect(loaded).toContain('redis-hygiene');
  expect(loaded.filter((name) => PEERS.includes(name) || name.startsWith('@opentelemetry/'))).toEqual([]);
});

test('a service installs no metrics library with the package', () => {
  expect(Object.keys(packageJson.dependencies)).toEqual([
    'close-with-grace',
    'eventemitter3',
    'generic-pool',
  ]);
  const optional: Readonly<Record<string, { readonly optional?: boolean }>> =
    packageJson.peerDependenciesMeta;
  for (const name of PEERS) expect(optional[name]).toEqual({ optional: true });
});

test('a service without the library gets an error that names it', async () => {
  using consumer = createConsumer('ioredis');
  const errors = JSON.parse(await printedBy(consumer, 'metrics-missing.mjs')) as object[];
  expect(errors).toEqual(
    ['@opentelemetry/api', 'prom-client'].map((name) => ({
      code: 'HYG_PEER_MISSING',
      message: expect.stringContaining(`The package ${name} was not found.`) as string,
    })),
  );
});

test('the workers of a node:cluster are added up by prom-client', async () => {
  using consumer = createConsumer('ioredis', PEERS);
  const samples = parseExposition(`${(await printedBy(consumer, 'metrics-cluster.mjs')).trim()}\n`);
  expect(sum(samples, 'connections')).toBe(2 * 3);
  expect(sum(samples, 'budget_limit')).toBe(2 * 100);
  expect(sum(samples, 'pool_use_seconds_count')).toBe(2);
});

test('two copies of the package show the connections of both, once', async () => {
  using consumer = createConsumer('ioredis', PEERS);
  const modules = join(consumer.dir, 'node_modules');
  cpSync(join(modules, 'redis-hygiene'), join(modules, 'redis-hygiene-copy'), { recursive: true });
  const samples = parseExposition(`${(await printedBy(consumer, 'metrics-copies.mjs')).trim()}\n`);
  expect(sum(samples, 'connections', 'idle')).toBe(4);
  expect(sum(samples, 'pool_use_seconds_count')).toBe(2);
  expect(sum(samples, 'pool_connections_max')).toBe(2);
});

test('with the preload alone, a program that knows nothing of redis-hygiene shows its connections', async () => {
  using consumer = createConsumer('ioredis', PEERS);
  writeFileSync(
    join(consumer.dir, 'metrics.mjs'),
    "import { registerMetrics } from 'redis-hygiene/prometheus';\nregisterMetrics();\n",
  );
  writeFileSync(
    join(consumer.dir, 'app.mjs'),
    `import { Redis } from 'ioredis';
import prometheus from 'prom-client';
const client = new Redis(process.env.REDIS_URL);
await client.ping();
console.log(await prometheus.register.metrics());
await client.quit();
`,
  );
  const options = '--import redis-hygiene/register --import ./metrics.mjs';
  const samples = parseExposition(
    `${(await printedBy(consumer, 'app.mjs', { NODE_OPTIONS: options, REDIS_HYGIENE_SERVICE: 'orders' })).trim()}\n`,
  );
  expect(
    samples.filter(({ name, value }) => name === 'redis_hygiene_connections' && value > 0),
  ).toMatchObject([
    { labels: { service: 'orders', role: 'command', target: redis.server.url, state: 'idle' }, value: 1 },
  ]);
});
