import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../support/consumer.js';
import { startProgram, type Exit } from '../support/program.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const MAJOR = { ioredis: /^6\./, ioredis5: /^5\./ } as const;

function printed({ code, stdout, stderr }: Exit): unknown {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe.for(IOREDIS_COPIES)('with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy);
  });
  afterAll(() => consumer[Symbol.dispose]());

  test('the drop-in has the exports of ioredis, both imported and required', async () => {
    const result = printed(await startProgram(consumer, 'dropin-keys.mjs').exit) as {
      version: string;
      imported: [string[], string[]];
      required: [string[], string[]];
      sameClass: boolean;
    };
    expect(result.version).toMatch(MAJOR[copy]);
    for (const [ioredis, dropin] of [result.imported, result.required]) {
      expect(dropin.filter((key) => !['configure', 'defaultFactory'].includes(key))).toEqual(ioredis);
      expect(dropin.length).toBe(ioredis.length + 2);
    }
    expect(result.sameClass).toBe(true);
  });

  test.for([
    [{ REDIS_HYGIENE_MODE: 'observe' }, ['orders@web-1', 'orders@web-1']],
    [{ REDIS_HYGIENE: 'off' }, ['', '']],
  ] as const)('with %j, the same service still works', async ([env, names]) => {
    const result = printed(
      await startProgram(consumer, 'dropin-commonjs.cjs', { REDIS_URL: redis.server.url, ...env }).exit,
    ) as { names: (string | null)[]; sane: boolean[] };
    expect(result.names.map((name) => name ?? '')).toEqual(names);
    expect(result.sane).toEqual([true, true, true, true]);
  });

  test('a CommonJS service works with one changed line', async () => {
    const result = printed(
      await startProgram(consumer, 'dropin-commonjs.cjs', { REDIS_URL: redis.server.url }).exit,
    );
    expect(result).toEqual({ names: ['orders@web-1', 'orders@web-1'], sane: [true, true, true, true] });
  });
});
