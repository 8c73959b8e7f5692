import assert from 'node:assert/strict';
import { once } from 'node:events';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';
import { statusesOf } from './rig/requests.mjs';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis }) => {
  const client = redis.client();
  const store = new RedisStore({ sendCommand: (...command) => client.call(...command) });
  const app = express();
  app.use(rateLimit({ limit: 2, store, validate: { ip: false } }));
  app.get('/', (request, response) => response.send('ok'));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  assert.deepEqual(await statusesOf(`http://127.0.0.1:${server.address().port}`, 3), [200, 200, 429]);
  return () => new Promise((resolve) => server.close(resolve));
});
