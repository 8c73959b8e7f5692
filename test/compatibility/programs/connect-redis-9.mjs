import assert from 'node:assert/strict';
import { once } from 'node:events';
import { RedisStore } from 'connect-redis-9';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ url }) => {
  const client = createClient({ url });
  await client.connect();
  const app = express();
  const store = new RedisStore({ client });
  app.use(session({ store, secret: 'secret', resave: false, saveUninitialized: false }));
  app.get('/', ({ session: visit }, response) => {
    visit.count = (visit.count ?? 0) + 1;
    response.send(String(visit.count));
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const visit = (cookie = '') =>
    fetch(`http://127.0.0.1:${server.address().port}`, { headers: { connection: 'close', cookie } });
  const first = await visit();
  assert.equal(await first.text(), '1');
  const second = await visit(first.headers.getSetCookie()[0].split(';')[0]);
  assert.equal(await second.text(), '2');
  return () => new Promise((resolve) => server.close(resolve));
});
