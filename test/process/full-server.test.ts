import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../support/consumer.js';
import { startProgram } from '../support/program.js';
import { startSmallServer } from '../support/small-server.js';

describe.for(IOREDIS_COPIES)('with %s', (copy) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createConsumer(copy);
  });
  afterAll(() => consumer[Symbol.dispose]());

  test('a process lives while a client waits for room, and ends when no client waits', async () => {
    const { server, admin } = await startSmallServer();
    await admin.config('SET', 'maxclients', 1);
    const env = { REDIS_URL: server.url, KIND: 'ours', CLIENTS: '5' };
    const program = startProgram(consumer, 'full.mjs', env);
    await program.message();
    let exited = false;
    void program.exit.then(() => (exited = true));
    program.child.send('report');
    await program.message();
    await pause(2_000);
    expect(exited).toBe(false);
    program.mark();
    program.child.send('end');
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0, stderr: '' });
    expect(exit.ms).toBeLessThan(1_000);
    admin.disconnect();
    await server.stop();
  });

  test('a process lives until its waiting client is admitted, with nothing else that keeps it alive', async () => {
    const { server, admin } = await startSmallServer();
    await admin.config('SET', 'maxclients', 1);
    const program = startProgram(consumer, 'waits.mjs', { REDIS_URL: server.url });
    await program.message();
    await pause(1_500);
    await admin.config('SET', 'maxclients', 20);
    expect(await program.exit).toMatchObject({ code: 0, stdout: 'PONG\n', stderr: '' });
    admin.disconnect();
    await server.stop();
  });

  test('SIGTERM while clients and commands wait for room ends the process within the deadline', async () => {
    const { server, admin } = await startSmallServer();
    await admin.config('SET', 'maxclients', 1);
    const program = startProgram(consumer, 'waits.mjs', { REDIS_URL: server.url, HOOKS: '1' });
    await program.message();
    await pause(500);
    program.signal('SIGTERM');
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0, stdout: 'Connection is closed.\n', stderr: '' });
    expect(exit.ms).toBeLessThan(1_000 + 500);
    admin.disconnect();
    await server.stop();
  });
});
