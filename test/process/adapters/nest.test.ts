import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../../support/consumer.js';
import { eventually } from '../../support/eventually.js';
import { startHttpLoad } from '../../support/http-load.js';
import { startProgram } from '../../support/program.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const PACKAGES = [
  ...['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', '@nestjs/terminus'],
  ...['reflect-metadata', 'rxjs'],
];

/** The status code of an answer, or the code of the error. */
function ask(url: string): Promise<number | string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

describe.for(IOREDIS_COPIES)('a Nest application with %s and SIGTERM under load', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy, PACKAGES);
  });
  afterAll(() => consumer[Symbol.dispose]());

  test.for([
    ['answers all requests', 'ours'],
    ['with enableShutdownHooks() before our hooks: answers all requests', 'nest, ours'],
    ['with enableShutdownHooks() after our hooks: answers all requests', 'ours, nest'],
  ] as const)('%s, is not ready before its port closes, and closes Redis', async ([, HOOKS]) => {
    const program = startProgram(consumer, 'adapters/nest.mjs', { REDIS_URL: redis.server.url, HOOKS });
    const { port } = await program.message<{ port: number }>();
    const url = `http://127.0.0.1:${port}`;
    expect(await ask(`${url}/ready`)).toBe(200);
    const load = startHttpLoad(`${url}/work`, 20);
    await eventually(() => expect(load.answered()).toBeGreaterThan(50));

    program.signal('SIGTERM');
    await eventually(async () => expect(await ask(`${url}/ready`)).toBe(503));
    const message = await program.message();
    const exit = await program.exit;
    const { answered, ...result } = await load.stop();
    expect(result).toEqual({ otherStatuses: 0, failures: [] });
    expect(Number(await redis.admin.get('count'))).toBe(answered);
    expect(message).toEqual({ before: 'done', forced: 0, last: answered });
    expect(exit).toMatchObject({ code: 0, stderr: '' });
    expect(exit.ms).toBeLessThan(12_500);
    await eventually(async () => expect(await redis.rows()).toEqual([]));
    await redis.admin.flushall();
  });

  test('with enableShutdownHooks() of Nest, whose application is closed in a function: exits with 0', async () => {
    const program = startProgram(consumer, 'adapters/nest.mjs', {
      REDIS_URL: redis.server.url,
      HOOKS: 'nest, ours, function',
    });
    await program.message();
    program.signal('SIGTERM');
    expect(await program.message()).toMatchObject({ before: 'done', forced: 0 });
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });

  test('with both hooks, exits with 1 at a second signal', async () => {
    const program = startProgram(consumer, 'adapters/nest.mjs', {
      REDIS_URL: redis.server.url,
      HOOKS: 'nest, ours',
    });
    const { port } = await program.message<{ port: number }>();
    program.signal('SIGTERM');
    await eventually(async () => expect(await ask(`http://127.0.0.1:${port}/ready`)).toBe(503));
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 1 });
  });

  test('with enableShutdownHooks() of Nest: ends by the signal, and closes Redis before', async () => {
    const program = startProgram(consumer, 'adapters/nest.mjs', {
      REDIS_URL: redis.server.url,
      HOOKS: 'nest',
    });
    const { port } = await program.message<{ port: number }>();
    const answer = ask(`http://127.0.0.1:${port}/work`);
    await eventually(async () => expect(await redis.rows()).not.toEqual([]));
    expect(await answer).toBe(200);
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
    await eventually(async () => expect(await redis.rows()).toEqual([]));
    await redis.admin.flushall();
  });
});

describe('the entry point', () => {
  test('opens no client that no class asks for, until it is used', async () => {
    using consumer = createConsumer('ioredis', PACKAGES);
    const exit = await startProgram(consumer, 'adapters/nest-unused.mjs', { REDIS_URL: redis.server.url })
      .exit;
    expect(exit).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(exit.stdout)).toEqual({ before: 0, after: 1 });
    expect(await redis.rows()).toEqual([]);
  });

  test('tells that Nest is missing', async () => {
    using consumer = createConsumer('ioredis');
    const { code, stderr } = await startProgram(consumer, 'loads.mjs', { ENTRY: 'redis-hygiene/nestjs' })
      .exit;
    expect(code).toBe(1);
    expect(stderr).toContain('HygieneError: The package @nestjs/common was not found.');
  });
});
