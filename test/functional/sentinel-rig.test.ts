import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openAdmin } from '../support/sentinels/node.js';
import { useSentinels } from '../support/use-sentinels.js';

const topology = useSentinels();

/** Sets the time after which the sentinels give up a failover. */
async function setFailoverTimeout(ms: number): Promise<void> {
  for (const { call } of topology().sentinels)
    await call('SENTINEL', 'SET', topology().name, 'failover-timeout', String(ms));
}

test('failover() of the test topology asks again if a sentinel gives up', async () => {
  const listeners = topology().sentinels.map(openAdmin);
  const aborts = listeners.map((listener) => once(listener, 'pmessage'));
  await Promise.all(listeners.map((listener) => listener.psubscribe('-failover-abort-*')));
  const { port } = await topology().master();
  await setFailoverTimeout(1);
  const failover = topology().failover();
  expect(await Promise.any(aborts)).toContain('-failover-abort-slave-timeout');
  await setFailoverTimeout(3_000);
  expect(await failover).toMatchObject({ from: port });
  listeners.forEach((listener) => listener.disconnect());
}, 120_000);
