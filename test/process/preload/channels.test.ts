import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Consumer } from '../../support/consumer.js';
import { createApplication, startPreloaded } from '../../support/preloaded.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
let application: Consumer;

beforeAll(() => {
  application = createApplication();
});
afterAll(() => application[Symbol.dispose]());

test('under the preload the channels tell of clients in code that nobody changed, and a subscriber that throws breaks nothing', async () => {
  const program = startPreloaded(application, 'channels.mjs', { REDIS_URL: redis.server.url });
  const report = await program.message<{ readonly reply: string; readonly heard: readonly string[] }>();
  program.child.send('end');
  const { code, stderr } = await program.exit;
  const heard = ['connecting', 'connected', 'ready', 'closed'].map((event) => `consumer ${event}`);
  expect(report).toEqual({ reply: 'PONG', heard });
  expect(code).toBe(0);
  expect(stderr.match(/HYG_\w+/g)).toEqual(['HYG_OBSERVER_THREW']);
  expect(stderr).toContain('this subscriber is broken');
});
