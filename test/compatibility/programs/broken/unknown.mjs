import { once } from 'node:events';
import { connect } from 'node:net';
import { runWork } from '../rig/run-work.mjs';

await runWork(async ({ redis, url }) => {
  await redis.client().ping();
  const { hostname, port } = new URL(url);
  await once(connect(Number(port), hostname), 'connect');
});
