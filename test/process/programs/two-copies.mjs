// The application resolves another copy of ioredis than redis-hygiene does.
import { createRedisFactory } from 'redis-hygiene';

createRedisFactory({ service: 'orders' }).on('error', ({ code, message }) =>
  console.log(JSON.stringify({ code, message })),
);
