import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { describeServer } from '../../support/describe-server.js';
import { eventually } from '../../support/eventually.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

for (const server of ['redis-8', 'valkey-8'] as const) {
  await describeServer(server, () => {
    const redis = useRedis({ server });
    const raw = useRaw(redis);

    test('reap closes silent clients, but neither an active one nor one in MONITOR', async () => {
      await raw.open(2, { connectionName: 'silent' });
      const [subscriber] = await raw.open(1, { connectionName: 'subscriber' });
      await subscriber?.subscribe('news');
      const [watching] = await raw.open(1, { connectionName: 'watching' });
      const monitor = await watching?.monitor();
      const [active] = await raw.open(1, { connectionName: 'active' });
      await sleep(3_100);
      await active?.ping();
      // The command may take seconds on a busy machine, so the active client goes on.
      const work = setInterval(() => void active?.ping(), 100);
      const { code, stdout, stderr } = await runCli([
        ...['reap', redis.server.url, '--where', 'name!= idle>=2', '--yes', '--settle', '0s'],
      ]).finally(() => clearInterval(work));
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/: 4 of \d+ clients closed\n/);
      await eventually(async () => {
        const remaining = (await redis.rows()).map(({ name, flags }) => `${name} ${flags}`);
        expect(remaining.sort()).toEqual(['active N', 'watching O']);
      });
      monitor?.disconnect();
    });
  });
}
