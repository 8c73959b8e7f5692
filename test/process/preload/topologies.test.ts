import { expect, test } from 'vitest';
import { IOREDIS_COPIES } from '../../support/consumer.js';
import { createApplication, startPreloaded } from '../../support/preloaded.js';
import { eventually } from '../../support/eventually.js';
import { startCluster } from '../../support/cluster.js';
import { useSentinels } from '../../support/use-sentinels.js';

const topology = useSentinels();

test.for(IOREDIS_COPIES)('with %s: all clients share one watcher for each sentinel', async (copy) => {
  using application = createApplication(copy);
  const program = startPreloaded(application, 'sentinel.mjs', {
    CONNECTION: JSON.stringify(topology().connection),
  });
  expect(await program.message()).toEqual({ replies: ['PONG', 'PONG', 'PONG'] });
  for (const sentinel of topology().sentinels) {
    await eventually(async () =>
      expect((await sentinel.rows()).map(({ name }) => name)).toEqual(['consumer@web-1#sentinel']),
    );
  }
  program.child.send('end');
  expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
});

test.for(IOREDIS_COPIES)('with %s: every socket of a Cluster is named', async (copy) => {
  await using cluster = await startCluster();
  using application = createApplication(copy);
  const nodes = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  const program = startPreloaded(application, 'cluster.mjs', { NODES: JSON.stringify(nodes) });
  expect(await program.message()).toEqual({ replies: ['OK', 'OK', 'OK'] });
  const names = async () => (await cluster.rows()).map(({ name }) => name);
  expect(new Set(await names())).toEqual(
    new Set(['consumer@web-1#cluster', 'ioredis-cluster(subscriber):consumer@web-1#cluster']),
  );
  program.child.send('end');
  expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
  await eventually(async () => expect(await names()).toEqual([]));
});
