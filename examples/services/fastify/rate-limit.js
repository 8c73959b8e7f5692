import Redis from 'ioredis';

const LIMIT = 5;
const WINDOW_S = 60;

// A limit that waits for Redis is worse than none: one attempt for each request.
const limiter = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: 1 });
limiter.defineCommand('take', {
  numberOfKeys: 1,
  lua: `
    local taken = redis.call('INCR', KEYS[1])
    if taken == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
    return taken
  `,
});

/** Five requests in a minute for each caller that says who it is. */
export async function limitRate(request, reply) {
  const caller = request.headers['x-caller'];
  if (!caller) return;
  const taken = await limiter.take(`rate:${caller}`, WINDOW_S);
  reply.header('x-remaining', Math.max(0, LIMIT - taken));
  if (taken > LIMIT) return reply.code(429).send({ error: 'too many requests' });
}
