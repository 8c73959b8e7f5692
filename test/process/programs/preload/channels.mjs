// Listens to a channel of redis-hygiene, with one subscriber that throws, and uses a client that was made without it.
import { subscribe } from 'node:diagnostics_channel';
import Redis from 'ioredis';

const heard = [];
subscribe('redis-hygiene:connection', () => {
  throw new Error('this subscriber is broken');
});
subscribe('redis-hygiene:connection', ({ event, service }) => heard.push(`${service} ${event}`));

const client = new Redis(process.env.REDIS_URL);
const reply = await client.ping();
const ended = new Promise((resolve) => client.once('end', resolve));
await client.quit();
await ended;
process.send({ reply, heard });
process.on('message', () => process.exit(0));
