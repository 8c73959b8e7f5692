import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../support/consumer.js';
import { eventually } from '../support/eventually.js';
import { type Program, startProgram } from '../support/program.js';
import { startRedis } from '../support/redis/index.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();

interface Answer {
  readonly id: number;
  readonly events: readonly string[];
}

/** Longer than a heartbeat (1.2 s) and its deadline (1 s) take. A busy machine only makes it longer. */
const FREEZE_MS = 4_000;

/** Freezes a program as the host of a function does, and runs `meanwhile`. */
async function freeze({ child }: Program, meanwhile: () => Promise<unknown>): Promise<void> {
  child.kill('SIGSTOP');
  await meanwhile();
  await new Promise((resolve) => void setTimeout(resolve, FREEZE_MS));
  child.kill('SIGCONT');
}

function call(program: Program): Promise<Answer> {
  program.child.send('call');
  return program.message<Answer>();
}

describe.for(IOREDIS_COPIES)('a function with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy);
  });
  afterAll(() => consumer[Symbol.dispose]());

  async function start(url: string): Promise<Program> {
    const program = startProgram(consumer, 'frozen.mjs', { REDIS_URL: url });
    await program.message();
    return program;
  }

  test('keeps its connection through a freeze, and judges nothing by it', async () => {
    const program = await start(redis.server.url);
    const before = await call(program);
    await freeze(program, () => Promise.resolve());
    expect(await call(program)).toEqual({ id: before.id, events: [] });
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    await eventually(async () => expect(await redis.names()).toEqual([]));
  });

  test('works with a new connection if the server has closed the old one meanwhile', async () => {
    const program = await start(redis.server.url);
    const { id } = await call(program);
    await freeze(program, () => redis.admin.client('KILL', 'ID', id));
    const after = await call(program);
    expect(after.id).not.toBe(id);
    expect(after.events).not.toContain('stale');
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
  });

  test('keeps a connection whose server answers late after the freeze', async ({ skip }) => {
    await using server = await startRedis();
    if (server.source === 'environment') skip('The server is shared: it cannot be paused.');
    const program = await start(server.url);
    const { id } = await call(program);
    await freeze(program, () => server.pause());
    const answer = call(program);
    await new Promise((resolve) => void setTimeout(resolve, 1_500));
    await server.resume();
    expect(await answer).toMatchObject({ id, events: expect.not.arrayContaining(['stale', 'closed']) });
    program.signal('SIGTERM');
    expect((await program.exit).code).toBe(0);
  });
});
