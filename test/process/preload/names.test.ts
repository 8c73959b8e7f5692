import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IOREDIS_COPIES, type Consumer } from '../../support/consumer.js';
import { createApplication, startPreloaded } from '../../support/preloaded.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const env = () => ({ REDIS_URL: redis.server.url });

/** Counts the rows by name. One row has no name: that of the test's own connection. */
function count(names: readonly string[]): Record<string, number> {
  expect(names.filter((name) => name === '')).toHaveLength(1);
  return Object.fromEntries(
    [...new Set(names)].filter(Boolean).map((name) => [name, names.filter((one) => one === name).length]),
  );
}

describe.for(IOREDIS_COPIES)('a program with %s', (copy) => {
  let application: Consumer;
  beforeAll(() => {
    application = createApplication(copy);
  });
  afterAll(() => application[Symbol.dispose]());

  test.for(['--import redis-hygiene/register', '--require redis-hygiene/register'])(
    'has a name on all its clients with %s, and the library in the names of library clients',
    async (option) => {
      const program = startPreloaded(application, 'names.mjs', { ...env(), NODE_OPTIONS: option });
      const report = await program.message<{ names: string[]; result: number; sane: boolean }>();
      expect(report).toMatchObject({ result: 42, sane: true });
      expect(count(report.names)).toEqual({
        'consumer@web-1': 9,
        'consumer@web-1#cache': 1,
        'consumer@web-1#lib-five': 1,
        'consumer@web-1#acme/lib-six': 1,
        'consumer@web-1#bullmq': expect.any(Number),
        'bull:bWFpbA==': 1,
        'bull:bWFpbA==:qe': 1,
      });
      expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    },
  );
});

test('clients that cannot be enforced are named, without a role that implies a heartbeat', async () => {
  using application = createApplication();
  const program = startPreloaded(application, 'strangers.mjs', env());
  const report = await program.message<{ names: string[]; replies: string[] }>();
  expect(report.replies).toEqual(['PONG', 'PONG', 'PONG', 'PONG', 'PONG']);
  expect(count(report.names)).toEqual({
    'consumer@web-1#cache': 1,
    'consumer@web-1#glide': 1,
    'consumer@web-1#iovalkey': 1,
    'consumer@web-1#lib-four': 1,
    'consumer@web-1#node-redis': 3,
  });
  const { code, stderr } = await program.exit;
  expect(code).toBe(0);
  expect(stderr.match(/HYG_\w+/g)).toEqual(['HYG_PRELOAD_VERSION']);
  expect(stderr).toContain('Found ioredis 4.');
});

test.for([
  '--import ./preload/otel.mjs --import redis-hygiene/register',
  '--import redis-hygiene/register --import ./preload/otel.mjs',
])('OpenTelemetry, which supports ioredis up to 5, traces enforced clients: %s', async (option) => {
  using application = createApplication('ioredis5');
  // OpenTelemetry hooks in with module.register(), which Node 26 warns of.
  const NODE_OPTIONS = `--no-deprecation ${option}`;
  const program = startPreloaded(application, 'traced.mjs', { ...env(), NODE_OPTIONS });
  const { names, ...report } = await program.message<{ names: string[] }>();
  expect(count(names)).toEqual({ 'consumer@web-1': 1 });
  expect(report).toEqual({ value: '1', spans: expect.arrayContaining(['connect', 'set', 'get', 'client']) });
  expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
});

test.for([
  '--import redis-hygiene/register',
  '--require redis-hygiene/ioredis --import redis-hygiene/register',
])('clients of the drop-in and of a factory are enforced by these alone, with %s', async (option) => {
  using application = createApplication();
  const program = startPreloaded(application, 'dropin.mjs', {
    ...env(),
    NODE_OPTIONS: option,
    REDIS_HYGIENE_REPORT: 'exit',
  });
  const { names, counts } = await program.message<{ names: string[]; counts: number[] }>();
  program.child.send('end');
  const { stderr } = await program.exit;
  // The second row without a name is that of the client whose options are refused: it stays as ioredis makes it.
  expect(names).toEqual(['', '', 'consumer@web-1', 'consumer@web-1', 'orders@web-1']);
  expect(counts).toEqual([1, 1]);
  expect(stderr).toContain('redis-hygiene: consumer@web-1 has 1 connection open at exit');
  expect(stderr.match(/HYG_\w+/g)).toEqual(['HYG_PRELOAD_FAILED']);
});
