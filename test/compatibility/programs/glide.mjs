import assert from 'node:assert/strict';
import { GlideClient } from '@valkey/valkey-glide';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ url }) => {
  const { hostname, port } = new URL(url);
  const client = await GlideClient.createClient({ addresses: [{ host: hostname, port: Number(port) }] });
  assert.equal(await client.incr('visits'), 1);
});
