// Opens 50 clients, duplicates and a monitor, and shuts down. Ends by itself, because no handle is open.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const handles = () =>
  process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|Immediate/.test(name));

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
installShutdownHooks(redis);
const clients = Array.from({ length: 50 }, () => redis.client());
const duplicates = clients.slice(0, 5).map((client) => client.duplicate());
await Promise.all([...clients, ...duplicates].map((client) => client.ping()));
await clients[0].monitor();
const report = await redis.shutdown();
console.log(JSON.stringify({ report, left: redis.connections(), handles: handles() }));
