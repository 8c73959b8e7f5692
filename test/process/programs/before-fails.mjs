// The connections are closed also if the `before` step fails or never ends.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
const befores = {
  fails: () => {
    throw new Error('before');
  },
  hangs: () => new Promise(() => undefined),
  list: [() => send({ stopped: 'added first' }), () => send({ stopped: 'added last' })],
  none: [],
};
const onReport = ({ beforeError, ...report }) => send({ report, beforeError: beforeError?.message });
installShutdownHooks(redis, { before: befores[process.env.BEFORE], timeoutMs: 1_000, onReport });
const send = (message) => new Promise((resolve) => process.send(message, resolve));

await redis.client().ping();
await send('ready');
