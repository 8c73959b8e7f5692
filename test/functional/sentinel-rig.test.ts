import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openAdmin } from '../support/sentinels/node.js';
import { useSentinels } from '../support/use-sentinels.js';

const the = useSentinels();

/** A failover that is not done after so long is given up. */
async function giveUpAfter(ms: number): Promise<void> {
  for (const { call } of the().sentinels)
    await call('SENTINEL', 'SET', the().name, 'failover-timeout', String(ms));
}

test('a failover that its sentinel gives up is asked for again', async () => {
  const ears = the().sentinels.map(openAdmin);
  const heard = ears.map((ear) => once(ear, 'pmessage'));
  await Promise.all(ears.map((ear) => ear.psubscribe('-failover-abort-*')));
  const { port } = await the().master();
  await giveUpAfter(1);
  const moving = the().failover();
  expect(await Promise.any(heard)).toContain('-failover-abort-slave-timeout');
  await giveUpAfter(3_000);
  expect(await moving).toMatchObject({ from: port });
  ears.forEach((ear) => ear.disconnect());
}, 120_000);
