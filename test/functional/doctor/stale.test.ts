import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../../src/index.js';
import { codesOf, findingsOf } from '../../support/doctor/run.js';
import { startFirewall } from '../../support/firewall.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const factories: RedisFactory[] = [];

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const EVERY_SECOND = ['--heartbeat', '1s'];

async function openAll(url: string): Promise<RedisFactory> {
  const factory = createRedisFactory({
    ...{ service: 'orders', host: 'web-1', connection: url },
    ...{ heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 },
  });
  factories.push(factory);
  await factory.subscriber().subscribe('news');
  await factory.pool({ max: 3 }).use((client) => client.ping());
  await factory.client().ping();
  return factory;
}

afterEach(async () => {
  await Promise.all(factories.splice(0).map((factory) => factory.shutdown()));
});

test('stale-connections reports only connections whose process is gone', async () => {
  await using firewall = await startFirewall(redis.server);
  await openAll(redis.server.url);
  const gone = await openAll(firewall.url);
  await sleep(2_000); // a heartbeat or two, so that the last command is PING
  firewall.forget();
  await gone.shutdown({ timeoutMs: 100 });
  await sleep(9_500);
  const findings = await findingsOf(redis.server.url, ...EVERY_SECOND);
  expect(findings.map(({ code, owner, severity }) => [code, owner, severity])).toEqual([
    ['stale-connections', 'orders@web-1', 'warning'],
  ]);
  expect(findings[0]).toMatchObject({ evidence: { connections: 3 }, attribution: { service: 'orders' } });
  const names = findings[0]?.examples.map(({ name }) => name).sort();
  expect(names).toEqual(['orders@web-1', 'orders@web-1#pool', 'orders@web-1#subscriber']);
});

test('stale-connections reports no connection of a process that is alive but idle', async () => {
  const factory = await openAll(redis.server.url);
  void factory
    .blocking(1)
    .use((client) => client.blpop('nothing', 0))
    .catch(() => undefined);
  await sleep(5_000);
  expect(await codesOf(redis.server.url, ...EVERY_SECOND)).toEqual([]);
});
