import assert from 'node:assert/strict';
import fastifyRedis from '@fastify/redis';
import fastify from 'fastify';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis, takes }) => {
  const app = fastify();
  await app.register(
    fastifyRedis,
    takes === 'client' ? { client: redis.client() } : redis.options('fastify'),
  );
  app.get('/', () => app.redis.incr('visits'));
  assert.equal((await app.inject('/')).payload, '1');
  assert.equal((await app.inject('/')).payload, '2');
  return () => app.close();
});
