import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Consumer } from '../../support/consumer.js';
import {
  createObservedApplication,
  NODE_REDIS_COPIES,
  startObserved,
} from '../../support/observed-program.js';
import { startPreloaded } from '../../support/preloaded.js';
import { startRedis } from '../../support/redis/index.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
let application: Consumer;

beforeAll(() => {
  application = createObservedApplication();
});
afterAll(() => application[Symbol.dispose]());

/** What a program ends with, without what differs from run to run, and without our own frames. */
async function endOf(env: NodeJS.ProcessEnv) {
  const program = startPreloaded(application, 'unheard.mjs', { REDIS_URL: redis.server.url, ...env });
  if (env['CASE'] === 'lost') {
    await program.message();
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  }
  const { code, signal, stdout, stderr } = await program.exit;
  const lines = stderr
    .split('\n')
    .filter((line) => !line.includes('redis-hygiene') && !/^ {4}at /.test(line));
  return { code, signal, stdout, stderr: lines.join('\n') };
}

describe.for(NODE_REDIS_COPIES)('errors of %s that nobody listens to', (LIBRARY) => {
  test.for(['lost', 'refused', 'throws'])('end the process as without the preload: %s', async (CASE) => {
    const env = { LIBRARY, CASE, ...(CASE !== 'lost' && { REDIS_URL: 'redis://127.0.0.1:1' }) };
    const [without, withPreload] = [await endOf({ ...env, NODE_OPTIONS: '' }), await endOf(env)];
    expect(withPreload).toEqual(without);
    if (CASE !== 'throws') expect(without.code).toBe(1);
  });
});

test.for(NODE_REDIS_COPIES)(
  'with a frozen server the shutdown of %s ends in time, and says what it forced',
  async (LIBRARY) => {
    await using server = await startRedis();
    const program = await startObserved(application, {
      LIBRARY,
      REDIS_URL: server.url,
      REDIS_HYGIENE_SHUTDOWN: 'SIGTERM',
      REDIS_HYGIENE_SHUTDOWN_TIMEOUT_MS: '1000',
    });
    await program.act('client');
    await server.pause();
    await program.act('begin', 3);
    const { report } = await program.shutDown();
    expect(report).toMatchObject({ closed: 0, forced: 1 });
    const { code, ms } = await program.exit;
    expect(code).toBe(0);
    expect(ms).toBeLessThan(2_000);
  },
);

test('REDIS_HYGIENE_MODE=observe observes these clients too, and REDIS_HYGIENE=off leaves them alone', async () => {
  await using observing = await startObserved(application, {
    REDIS_URL: redis.server.url,
    REDIS_HYGIENE_MODE: 'observe',
  });
  await observing.act('client');
  await observing.agreesOn(1, redis.rows);
  await using off = await startObserved(application, { REDIS_URL: redis.server.url, REDIS_HYGIENE: 'off' });
  expect(await off.act('client')).toMatchObject({ connections: [], used: 0 });
  expect(await redis.names()).toEqual(['', 'consumer@web-1#node-redis']);
});

test('the report shows these clients by the line that opened them', async () => {
  const program = await startObserved(application, {
    REDIS_URL: redis.server.url,
    REDIS_HYGIENE_REPORT: 'exit',
  });
  await program.act('many', 3);
  void program.act('exit').catch(() => undefined);
  const { stderr } = await program.exit;
  expect(stderr).toContain('consumer@web-1 has 3 connections open at exit');
  expect(stderr).toMatch(/ {6}3 {2}node-redis {2}redis:\/\/\S+ {2}ready {2}.*observed\.mjs:\d+:\d+/);
});

test.for(NODE_REDIS_COPIES)(
  'a client of %s that cannot be observed works all the same, with one warning',
  async (LIBRARY) => {
    const program = await startObserved(application, { LIBRARY, REDIS_URL: redis.server.url });
    await program.act('breakClock');
    expect((await program.act('client')).error).toBeUndefined();
    expect((await program.act('set', 3)).error).toBeUndefined();
    expect((await program.act('close')).error).toBeUndefined();
    void program.act('exit').catch(() => undefined);
    const { code, stderr } = await program.exit;
    expect(code).toBe(0);
    expect(stderr.match(/HYG_\w+/g)).toEqual(['HYG_PRELOAD_FAILED']);
    expect(stderr).toContain('Could not observe a client of node-redis: no clock');
  },
);

test('tests find clients that were left open, with their line', async () => {
  await using program = await startObserved(application, { REDIS_URL: redis.server.url });
  await program.act('pool', { minimum: 2 });
  await program.act('glide', { addresses: [{ host: redis.server.host, port: redis.server.port }] });
  await program.agreesOn(3, redis.rows);
  const { error } = await program.act('expectNothingOpen');
  expect(error).toMatch(/observed\.mjs:\d+/);
});
