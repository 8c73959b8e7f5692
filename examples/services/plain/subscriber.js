import { Redis as Client } from 'ioredis';

const subscriber = new Client(process.env.REDIS_URL);
const seen = new Set();
subscriber.on('pmessage', (_pattern, _channel, text) => seen.add(text));
await subscriber.psubscribe('visits:s*');

export const hasSeen = (text) => ({ seen: seen.has(text) });
