import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Consumer } from '../../support/consumer.js';
import { eventually } from '../../support/eventually.js';
import { createApplication, startPreloaded } from '../../support/preloaded.js';
import type { Program } from '../../support/program.js';
import { useRedis } from '../../support/use-redis.js';

interface Report {
  readonly replies: readonly string[];
  readonly names: readonly string[];
  readonly errors: readonly string[];
}

const redis = useRedis();
let application: Consumer;

beforeAll(() => {
  application = createApplication();
});
afterAll(() => application[Symbol.dispose]());

function open(env: NodeJS.ProcessEnv): Program {
  return startPreloaded(application, 'open.mjs', { REDIS_URL: redis.server.url, ...env });
}

async function openAndEnd(env: NodeJS.ProcessEnv) {
  const program = open(env);
  const report = await program.message<Report>();
  program.child.send('end');
  const { code, stderr } = await program.exit;
  return { ...report, code, stderr, warnings: stderr.match(/HYG_\w+/g) ?? [] };
}

const ownNames = (names: readonly string[]) => names.filter((name) => name.startsWith('consumer@'));

test('a program without Redis does not load the runtime', async () => {
  const { code, stdout, stderr } = await startPreloaded(application, 'nothing.mjs').exit;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({ enforcing: false });
});

test.for(['REDIS_HYGIENE_PRELOAD', 'REDIS_HYGIENE'])('%s=off switches the preload off', async (variable) => {
  const { names, warnings } = await openAndEnd({ [variable]: 'off' });
  expect([ownNames(names), warnings]).toEqual([[], []]);
});

test('a full budget causes one warning with the line of code, and no refusal', async () => {
  const { replies, names, warnings, stderr } = await openAndEnd({
    CLIENTS: '6',
    REDIS_HYGIENE_LIMITS_CONNECTIONS: '2',
  });
  expect(replies).toEqual(Array.from({ length: 6 }, () => 'PONG'));
  expect(ownNames(names)).toHaveLength(6);
  expect(warnings).toEqual(['HYG_PRELOAD_BUDGET']);
  expect(stderr).toContain('limits.connections is 2');
  expect(stderr).toContain('open.mjs:7');
});

test('REDIS_HYGIENE_MODE=observe names the clients, and refuses nothing, whatever their options', async () => {
  const { replies, names, warnings } = await openAndEnd({
    CLIENTS: '3',
    OPTIONS: '{"keepAlive":5}',
    REDIS_HYGIENE_LIMITS_CONNECTIONS: '2',
    REDIS_HYGIENE_BUDGET: 'refuse',
    REDIS_HYGIENE_MODE: 'observe',
  });
  expect(replies).toEqual(['PONG', 'PONG', 'PONG']);
  expect(ownNames(names)).toHaveLength(3);
  expect(warnings).toEqual(['HYG_PRELOAD_BUDGET']);
});

test('REDIS_HYGIENE_BUDGET=refuse refuses connections beyond the budget', async () => {
  const { replies, names, errors } = await openAndEnd({
    CLIENTS: '3',
    OPTIONS: '{"maxRetriesPerRequest":0}',
    REDIS_HYGIENE_LIMITS_CONNECTIONS: '2',
    REDIS_HYGIENE_BUDGET: 'refuse',
  });
  expect(replies.filter((reply) => reply === 'PONG')).toHaveLength(2);
  expect(ownNames(names)).toHaveLength(2);
  expect(errors).toContain('HYG_LIMIT_CONNECTIONS');
});

test('a line of code with too many open clients causes a warning', async () => {
  const { warnings, stderr } = await openAndEnd({ CLIENTS: '11' });
  expect(warnings).toEqual(['HYG_PRELOAD_SUSPECT']);
  expect(stderr).toMatch(/open\.mjs:7:\d+\)? has 11 clients open, more than the limit of 10\./);
});

test('options that only redis-hygiene refuses leave the client as it is, with one warning', async () => {
  const { replies, names, warnings, code } = await openAndEnd({
    CLIENTS: '2',
    OPTIONS: '{"commandTimeout":"soon"}',
  });
  expect({ replies, code, warnings }).toEqual({
    replies: ['PONG', 'PONG'],
    code: 0,
    warnings: ['HYG_PRELOAD_FAILED'],
  });
  expect(ownNames(names)).toEqual([]);
});

test('invalid variables are replaced by their defaults, with a warning each', async () => {
  const { replies, warnings, stderr } = await openAndEnd({
    REDIS_HYGIENE_KEEP_ALIVE_MS: '15s',
    REDIS_HYGIENE_BUDGET: 'none',
    REDIS_HYGIENE_REPORT: 'sometimes',
    REDIS_HYGIENE_HEARTBEAT_DEADLINE_MS: '20000',
  });
  expect(replies).toEqual(['PONG']);
  expect(new Set(warnings)).toEqual(new Set(['HYG_VARIABLE']));
  expect(warnings).toHaveLength(4);
  expect(stderr).toContain(
    'REDIS_HYGIENE_KEEP_ALIVE_MS is "15s", expected a whole number of ms from 1000 to 300000',
  );
});

test('enforced clients have a heartbeat', async () => {
  const program = open({ REDIS_HYGIENE_HEARTBEAT_INTERVAL_MS: '1000' });
  await program.message();
  await eventually(async () => {
    const list = String(await redis.admin.client('LIST'));
    expect(list).toMatch(/ name=consumer@web-1 .* cmd=ping /);
  });
  program.child.send('end');
  await program.exit;
});

test('the ledger is printed on a signal and at exit, by call site', async () => {
  const program = open({ CLIENTS: '3', REDIS_HYGIENE_REPORT: 'SIGUSR2, exit' });
  await program.message();
  program.signal('SIGUSR2');
  await new Promise((resolve) => setTimeout(resolve, 300));
  program.child.send('end');
  const { code, stderr } = await program.exit;
  expect(code).toBe(0);
  const [, onSignal, line, atExit] = /^(.*)\n(.*)\n(.*)\n/.exec(stderr) ?? [];
  expect(onSignal).toBe('redis-hygiene: consumer@web-1 has 3 connections open on SIGUSR2');
  expect(line).toMatch(/^ +3 {2}command {2}redis:\/\/127\.0\.0\.1:\d+ {2}ready {2}.*open\.mjs:7:\d+/);
  expect(atExit).toBe('redis-hygiene: consumer@web-1 has 3 connections open at exit');
});

test('REDIS_HYGIENE_SHUTDOWN closes all connections on a signal', async () => {
  const program = open({ CLIENTS: '3', REDIS_HYGIENE_SHUTDOWN: 'SIGTERM' });
  await program.message();
  program.signal('SIGTERM');
  expect(await program.exit).toMatchObject({ code: 0, signal: null, stderr: '' });
});

test('with REDIS_HYGIENE_SHUTDOWN a program that handles the signal itself ends by itself', async () => {
  const program = startPreloaded(application, 'own-handler.mjs', {
    REDIS_URL: redis.server.url,
    REDIS_HYGIENE_SHUTDOWN: 'SIGTERM',
  });
  await program.message();
  program.signal('SIGTERM');
  expect(await program.message()).toBe('stopped');
  expect(await program.exit).toMatchObject({ code: 7, signal: null });
});

test('with REDIS_HYGIENE_SHUTDOWN a program that does not end by itself is ended after the timeout', async () => {
  const program = startPreloaded(application, 'own-handler.mjs', {
    REDIS_URL: redis.server.url,
    REDIS_HYGIENE_SHUTDOWN: 'SIGTERM',
    REDIS_HYGIENE_SHUTDOWN_TIMEOUT_MS: '1000',
    HANGS: 'yes',
  });
  await program.message();
  program.signal('SIGTERM');
  expect(await program.exit).toMatchObject({ code: 0, signal: null });
});

test('by default no signal is handled', async () => {
  const program = open({});
  await program.message();
  program.signal('SIGTERM');
  expect(await program.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
});
