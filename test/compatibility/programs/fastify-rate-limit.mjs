import assert from 'node:assert/strict';
import rateLimit from '@fastify/rate-limit';
import fastify from 'fastify';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis }) => {
  const app = fastify();
  await app.register(rateLimit, { max: 2, timeWindow: 60_000, redis: redis.client() });
  app.get('/', () => 'ok');
  const statuses = [];
  for (let number = 0; number < 3; number += 1) statuses.push((await app.inject('/')).statusCode);
  assert.deepEqual(statuses, [200, 200, 429]);
  return () => app.close();
});
