// Stops by itself on SIGTERM, after the preload has closed the connections.
import Redis from 'ioredis';

const client = new Redis(process.env.REDIS_URL);
const handle = async () => {
  while (client.status !== 'end') await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 300));
  if (process.env.HANGS) return void setInterval(() => undefined, 1_000);
  process.send('stopped', () => process.exit(7));
};
process.once('SIGTERM', () => void handle());
await client.ping();
process.send('ready');
