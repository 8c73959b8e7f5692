// Holds leases for too long, with use() and with acquire(), and sends the events of the factory.
import { createRedisFactory } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
const events = [];
for (const name of ['lease-overdue', 'lease-returned']) {
  redis.on(name, ({ stack, name: borrower, lastCommand }) =>
    events.push({ name, stack, borrower, lastCommand }),
  );
}
const pool = redis.pool({ max: 2, leaseWarnMs: 100 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

await pool.use(async function slowReport(client) {
  await client.set('secret', 'value');
  await sleep(350);
});

async function forgetful() {
  return pool.acquire();
}
const lease = await forgetful();
await lease.client.get('secret');
await sleep(350);
await lease.release();
await pool.use((client) => client.ping());
const report = await pool.close();
process.send({ events, report });
process.disconnect();
