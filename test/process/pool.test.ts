import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES } from '../support/consumer.js';
import { eventually } from '../support/eventually.js';
import { startProgram } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';

interface LeaseEvent {
  readonly name: string;
  readonly stack: string;
  readonly borrower: string;
  readonly lastCommand: string | undefined;
}

const redis = useRedis();

const PROGRAM = 'pool-overdue.mjs';
const source = readFileSync(new URL(`programs/${PROGRAM}`, import.meta.url), 'utf8').split('\n');
const lineOf = (text: string) => String(source.findIndex((line) => line.includes(text)) + 1);

test.for(IOREDIS_COPIES)(
  'with %s: an overdue lease is reported once, with its line, and again when it is released',
  async (copy) => {
    using consumer = createConsumer(copy);
    const program = startProgram(consumer, PROGRAM, { REDIS_URL: redis.server.url });
    const { events, report } = await program.message<{ events: LeaseEvent[]; report: object }>();
    program.mark();
    expect(events.map(({ name, borrower }) => `${name} ${borrower}`)).toEqual([
      'lease-overdue slowReport',
      'lease-returned slowReport',
      'lease-overdue forgetful',
      'lease-returned forgetful',
    ]);
    const [slow, forgetful] = [lineOf('function slowReport'), lineOf('return pool.acquire()')];
    const lines = events.map(({ stack }) => /pool-overdue\.mjs:(\d+):\d+\)$/.exec(stack)?.[1]);
    expect(lines).toEqual([slow, slow, forgetful, forgetful]);
    expect(events.map(({ lastCommand }) => lastCommand)).toEqual(['set', 'set', 'get', 'get']);
    expect(JSON.stringify(events)).not.toMatch(/secret|value/);
    expect(report).toEqual({ closed: 1, forced: 0, leases: [] });
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0, stderr: '' });
    expect(exit.ms).toBeLessThan(1_000);
    await eventually(async () => expect(await redis.names()).toEqual([]));
  },
);
