import { expect, test } from 'vitest';
import { startCluster } from '../support/cluster.js';
import { nodeOf, portsInLedger, useAllNodes, useClusterFactory } from '../support/use-cluster.js';
import { eventually } from '../support/eventually.js';

const orders = useClusterFactory();

/** Finds a stalled node within two seconds. It would be closed after 60 s (`stallLimitMs`). */
const SHORT_HEARTBEAT = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300 };

test('a master that hangs is left when its replica has been promoted, and its commands go to the new master', async () => {
  await using servers = await startCluster();
  const cluster = orders.open(servers, { scaleReads: 'all' }, { settings: SHORT_HEARTBEAT });
  await useAllNodes(cluster);
  const hung = nodeOf(servers, 0);
  await hung.pause();
  expect(await cluster.set('b', 'after')).toBe('OK'); // 'b' belongs to the first master
  await eventually(() => expect(portsInLedger(orders.factory)).not.toContain(hung.port), 10_000);
  await hung.resume();
});
