// Holds leases for too long, with use() and with acquire(), and tells what the factory says of it.
import { createRedisFactory } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
const told = [];
for (const name of ['lease-overdue', 'lease-returned']) {
  redis.on(name, ({ stack, name: borrower, lastCommand }) =>
    told.push({ name, stack, borrower, lastCommand }),
  );
}
const pool = redis.pool({ max: 2, leaseWarnMs: 100 });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

await pool.use(async function slowReport(client) {
  await client.set('secret', 'value');
  await pause(350);
});

async function forgetful() {
  return pool.acquire();
}
const lease = await forgetful();
await lease.client.get('secret');
await pause(350);
await lease.release();
await pool.use((client) => client.ping());
const report = await pool.close();
process.send({ told, report });
process.disconnect();
