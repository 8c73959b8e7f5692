import assert from 'node:assert/strict';
import { createClient } from 'redis';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ url }) => {
  const client = createClient({ url });
  await client.connect();
  const subscriber = client.duplicate();
  await subscriber.connect();
  const message = new Promise((resolve) => void subscriber.subscribe('orders', resolve));
  while ((await client.publish('orders', 'hello')) === 0);
  assert.equal(await message, 'hello');
});
