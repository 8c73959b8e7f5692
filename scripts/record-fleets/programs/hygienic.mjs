// Four processes of a service with redis-hygiene on one host, at night: nothing but heartbeats.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRedisFactory } from 'redis-hygiene';

const PROCESSES = 4;

async function serve() {
  const redis = createRedisFactory({
    ...{ service: 'orders', host: 'web-1', connection: `redis://127.0.0.1:${process.argv[2]}` },
  });
  await Promise.all([redis.client().ping(), redis.client().ping()]);
  await redis.subscriber().subscribe('orders');
  const pool = redis.pool({ max: 10, min: 10 });
  await Promise.all(Array.from({ length: 10 }, () => pool.use((client) => client.incr('orders'))));
  const blocking = redis.blocking(2);
  for (let worker = 0; worker < 2; worker += 1) {
    blocking.use((client) => client.blpop('jobs', 0)).catch(() => undefined);
  }
}

if (process.send) {
  await serve();
  process.send('ready');
  process.on('disconnect', () => process.exit());
} else {
  const processes = Array.from({ length: PROCESSES }, () =>
    fork(fileURLToPath(import.meta.url), process.argv.slice(2)),
  );
  await Promise.all(processes.map((one) => new Promise((resolve) => one.once('message', resolve))));
  console.log('ready');
  process.stdin.on('end', () => process.exit()).resume();
}
