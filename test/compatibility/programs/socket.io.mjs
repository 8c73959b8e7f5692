import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { runWork } from './rig/run-work.mjs';

/** Starts a server, as one of several behind a load balancer. */
async function startServer(adapter) {
  const http = createServer();
  const io = new Server(http, { adapter });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return { io, url: `http://127.0.0.1:${http.address().port}` };
}

await runWork(async ({ redis }) => {
  const openAdapter = () => {
    const publisher = redis.client();
    return createAdapter(publisher, publisher.duplicate({ connectionName: 'socket.io' }));
  };
  const [one, other] = await Promise.all([startServer(openAdapter()), startServer(openAdapter())]);
  const socket = connect(other.url, { transports: ['websocket'] });
  await once(socket, 'connect');
  // Each adapter hears of the other one once both have subscribed.
  while ((await one.io.of('/').adapter.serverCount()) < 2)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const greeting = once(socket, 'greeting');
  one.io.emit('greeting', 'hello');
  assert.deepEqual(await greeting, ['hello']);
  return async () => {
    socket.disconnect();
    await Promise.all([one.io.close(), other.io.close()]);
  };
});
