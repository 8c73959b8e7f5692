// A subscriber of the channel `numbers` that blocks its event loop on request, and reports what it has received.
import { createRedisFactory } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
const subscriber = redis.subscriber();
const [numbers, gaps] = [[], []];
/** How long the next message blocks the event loop, in milliseconds. */
let blockInMessageMs = 0;

function block(ms) {
  process.send('blocked', () => undefined);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

subscriber.on('message', (_channel, message) => {
  numbers.push({ number: Number(message), gaps: gaps.length });
  if (blockInMessageMs === 0) return;
  const ms = blockInMessageMs;
  blockInMessageMs = 0;
  block(ms);
});
subscriber.on('gap', ({ from, to }) => gaps.push({ from, to }));

const actions = {
  blockInTimer: ({ ms }) => void setTimeout(block, 1, ms),
  blockInMessage: ({ ms }) => void (blockInMessageMs = ms),
  report: () => process.send({ numbers, gaps }),
  end: () => void redis.shutdown().then(() => process.disconnect()),
};
process.on('message', ({ action, ...request }) => actions[action](request));
await subscriber.subscribe('numbers');
process.send('ready');
