import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../../support/consumer.js';
import { eventually } from '../../support/eventually.js';
import { startHttpLoad } from '../../support/http-load.js';
import { startProgram } from '../../support/program.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const FRAMEWORKS = ['http', 'express', 'koa', 'hono', 'fastify'] as const;
const PACKAGES = ['express', 'koa', 'hono', '@hono/node-server', 'fastify'];

const CONNECTIONS = 10;

interface Stopped {
  readonly counts: { readonly begun: number; readonly finished: number };
  readonly before: string;
  readonly forced: number;
}

/** The delay of the services after the signal, and how much longer than it a stop may take on a busy machine. */
const DELAY_MS = 1_500;
const STOP_MS = 5_000;

/** Status of the readiness probe over a connection of its own. */
async function probe(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } });
  await response.text();
  return response.status;
}

describe.for(IOREDIS_COPIES)('a service under load, with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy, PACKAGES);
  });
  afterAll(() => consumer[Symbol.dispose]());

  const frameworks = FRAMEWORKS.filter((framework) => copy === 'ioredis' || framework === 'fastify');
  const cases = frameworks.flatMap((framework) =>
    [0, DELAY_MS].map((delayMs) => [framework, delayMs] as const),
  );

  test.for(cases)(
    '%s answers each request after SIGTERM, with a delay of %d ms',
    async ([framework, delayMs]) => {
      const env = { REDIS_URL: redis.server.url, FRAMEWORK: framework, DELAY_MS: String(delayMs) };
      const program = startProgram(consumer, 'adapters/service.mjs', env);
      const port = await program.message<number>();
      await eventually(async () => expect(await probe(port)).toBe(200));
      const load = startHttpLoad(`http://127.0.0.1:${port}/`, CONNECTIONS);
      await eventually(() => expect(load.answered()).toBeGreaterThan(100), 20_000);

      program.signal('SIGTERM');
      if (delayMs > 0) {
        await eventually(async () => expect(await probe(port)).toBe(503), delayMs);
        const before = load.answered();
        await eventually(() => expect(load.answered()).toBeGreaterThan(before), delayMs);
      }
      const { counts, ...report } = await program.message<Stopped>();
      const exit = await program.exit;
      const result = await load.stop();

      // Each request that the server took has its answer, and with connections that are kept none was lost before that.
      expect(result.otherStatuses).toBe(0);
      expect(counts).toEqual({ begun: result.answered, finished: result.answered });
      expect(result.failures).toEqual([]);
      expect(report).toEqual({ before: 'done', forced: 0 });
      expect(exit).toMatchObject({ code: 0, stderr: '' });
      expect(exit.ms).toBeLessThan(delayMs + STOP_MS);
      await eventually(async () => expect(await redis.rows()).toEqual([]));
    },
  );

  test('Fastify stops in time if it is told to while its start waits for Redis', async () => {
    const env = { REDIS_URL: 'redis://127.0.0.1:1' };
    const program = startProgram(consumer, 'adapters/starting.mjs', env);
    expect(await program.message()).toBe('starting');
    program.signal('SIGTERM');
    expect(await program.message()).toEqual({ before: 'done' });
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0, stderr: '' });
  });
});
