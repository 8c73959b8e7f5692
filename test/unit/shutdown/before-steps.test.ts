import { createServer, type Server } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { type Before, type BeforeStep, runBefore } from '../../../src/shutdown/before-steps.js';
import { turn } from '../../support/unit/fake-clock.js';

/** Whether the step has ended after two turns of the event loop. */
async function hasEnded(running: Promise<void>): Promise<boolean> {
  const ended = vi.fn();
  void running.then(ended, ended);
  await turn();
  await turn();
  return ended.mock.calls.length > 0;
}

/** A server that never opens a socket. The test decides whether it listens and how many connections it has. */
function fakeServer(given: { listening: boolean; connections?: number; failure?: Error }): Server {
  const server = createServer();
  Object.defineProperty(server, 'listening', { value: given.listening });
  server.close = () => server;
  server.getConnections = (callback) => {
    callback(given.failure ?? null, given.connections ?? 0);
    return server;
  };
  return server;
}

describe('a before step', () => {
  test('that is a function ends when its promise is settled', async () => {
    let end = (): void => undefined;
    const running = runBefore(() => new Promise<void>((resolve) => (end = resolve)));
    expect(await hasEnded(running)).toBe(false);
    end();
    expect(await hasEnded(running)).toBe(true);
  });

  test('that is an object runs close() as its method', async () => {
    const worker = {
      closed: false,
      async close() {
        await turn();
        this.closed = true;
      },
    };
    await runBefore(worker);
    expect(worker.closed).toBe(true);
  });

  test.each<[string, Before]>([
    ['the function rejects', () => Promise.reject(new Error('it failed'))],
    [
      'the function throws',
      () => {
        throw new Error('it failed');
      },
    ],
    ['close() rejects', { close: () => Promise.reject(new Error('it failed')) }],
  ])('fails if %s', async (_what, before) => {
    await expect(runBefore(before)).rejects.toThrow('it failed');
  });
});

describe('a list of before steps', () => {
  /** Steps that record when they begin and end. */
  function createSteps(count: number) {
    const log: string[] = [];
    const list = Array.from({ length: count }, (_, index) => async () => {
      log.push(`${index} began`);
      await turn();
      log.push(`${index} ended`);
    });
    return { log, list };
  }

  test('is run one after the other, the last one first', async () => {
    const { log, list } = createSteps(3);
    await runBefore(list);
    expect(log).toEqual(['2 began', '2 ended', '1 began', '1 ended', '0 began', '0 ended']);
    expect(list).toHaveLength(3);
  });

  test('may be empty', async () => {
    await expect(runBefore([])).resolves.toBeUndefined();
  });

  test('may grow while it is run: what is added is run next, and each step once', async () => {
    const { log, list } = createSteps(2);
    const addStep = () => void all.push(() => void log.push('added'));
    const all: BeforeStep[] = [...list, addStep];
    await runBefore(all);
    expect(log).toEqual(['added', '1 began', '1 ended', '0 began', '0 ended']);
  });

  test('is run completely even if one step fails, and then fails with its error', async () => {
    const { log, list } = createSteps(2);
    const failure = new Error('it failed');
    const failing = { close: () => Promise.reject(failure) };
    await expect(runBefore([...list, failing])).rejects.toBe(failure);
    expect(log).toHaveLength(4);
  });

  test('fails with all errors if several steps fail', async () => {
    const failWith = (message: string) => () => {
      throw new Error(message);
    };
    const failed = runBefore([failWith('a'), () => undefined, failWith('b')]);
    await expect(failed).rejects.toMatchObject({
      message: '2 of 3 before steps failed.',
      errors: [{ message: 'b' }, { message: 'a' }],
    });
  });
});

describe('a server whose close() returns the server', () => {
  test('has ended if it has no connections', async () => {
    expect(await hasEnded(runBefore(fakeServer({ listening: false, connections: 0 })))).toBe(true);
  });

  test('ends with its close event if it still has connections', async () => {
    const server = fakeServer({ listening: false, connections: 1 });
    const running = runBefore(server);
    expect(await hasEnded(running)).toBe(false);
    server.emit('close');
    expect(await hasEnded(running)).toBe(true);
  });

  test('ends with its close event if it still listens', async () => {
    const server = fakeServer({ listening: true, connections: 0 });
    const running = runBefore(() => server);
    expect(await hasEnded(running)).toBe(false);
    server.emit('close');
    expect(await hasEnded(running)).toBe(true);
  });

  test('fails if its connections cannot be counted', async () => {
    const server = fakeServer({ listening: false, failure: new Error('no count') });
    await expect(runBefore(server)).rejects.toThrow('no count');
  });

  test('has ended if it never listened', async () => {
    await expect(runBefore(createServer())).resolves.toBeUndefined();
  });
});
