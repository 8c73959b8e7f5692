import { expect, test } from 'vitest';
import { createRedisFactory, type HealthReport } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { watchersSubscribed } from '../support/sentinels/watchers.js';
import { useSentinels } from '../support/use-sentinels.js';

const topology = useSentinels();

const codesOf = ({ targets }: HealthReport) =>
  targets.flatMap(({ reasons }) => reasons.map(({ code }) => code));

test('the clients of a master decide, a lost sentinel degrades, and a failover ends up', async () => {
  await using factory = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    connection: topology().connection,
    reconnectCapMs: 200,
  });
  factory.client().on('error', () => undefined);
  await factory.ready();
  await watchersSubscribed(topology().sentinels, 'orders@web-1#sentinel');
  await eventually(async () => {
    const report = await factory.health();
    expect([report.status, ...codesOf(report)]).toEqual(['up']);
    expect(report.targets.map(({ target }) => target.split(':')[0])).toEqual([
      'sentinel',
      ...['redis', 'redis', 'redis'],
    ]);
  });

  await topology().failover();
  await eventually(async () => expect(await factory.health()).toMatchObject({ status: 'up' }), 20_000);

  const [first] = topology().sentinels;
  await first?.kill();
  await eventually(async () => {
    const report = await factory.health();
    expect([report.status, ...codesOf(report)]).toEqual(['degraded', 'sentinel-down']);
  }, 20_000);

  const { sentinels, servers } = topology();
  const running = [...sentinels, ...servers].filter(({ state }) => state === 'running');
  await Promise.all(running.map((node) => node.kill()));
  await eventually(async () => {
    const report = await factory.health();
    expect(report.status).toBe('down');
    expect(codesOf(report)).toContain('not-ready');
  }, 20_000);
  await expect(factory.ready({ timeoutMs: 200 })).rejects.toMatchObject({ code: 'HYG_NOT_READY' });
});
