import { createServer, type Server } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { type Before, runBefore } from '../../../src/shutdown/shutdown-hook-options.js';
import { turn } from '../../support/unit/fake-clock.js';

/** Whether the step has ended after everything that waits for nothing outside has run. */
async function hasEnded(running: Promise<void>): Promise<boolean> {
  const ended = vi.fn();
  void running.then(ended, ended);
  await turn();
  await turn();
  return ended.mock.calls.length > 0;
}

/** A server that never opens a socket: the test says whether it listens and how many connections it has. */
function fakeServer(given: { listening: boolean; connections?: number; failure?: Error }): Server {
  const server = createServer();
  Object.defineProperty(server, 'listening', { value: given.listening });
  server.close = () => server;
  server.getConnections = (told) => {
    told(given.failure ?? null, given.connections ?? 0);
    return server;
  };
  return server;
}

describe('the step before the shutdown', () => {
  test('is the function, and ends when its promise does', async () => {
    let end = (): void => undefined;
    const running = runBefore(() => new Promise<void>((resolve) => (end = resolve)));
    expect(await hasEnded(running)).toBe(false);
    end();
    expect(await hasEnded(running)).toBe(true);
  });

  test('is close() of anything that has it, called as its method', async () => {
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
  ])('fails where %s', async (_what, before) => {
    await expect(runBefore(before)).rejects.toThrow('it failed');
  });
});

describe('a list of steps', () => {
  /** Steps that write down when they begin and end. */
  function steps(count: number) {
    const diary: string[] = [];
    const list = Array.from({ length: count }, (_, index) => async () => {
      diary.push(`${index} begins`);
      await turn();
      diary.push(`${index} ends`);
    });
    return { diary, list };
  }

  test('is stopped one after the other, the last one first', async () => {
    const { diary, list } = steps(3);
    await runBefore(list);
    expect(diary).toEqual(['2 begins', '2 ends', '1 begins', '1 ends', '0 begins', '0 ends']);
    expect(list).toHaveLength(3);
  });

  test('may be empty', async () => {
    await expect(runBefore([])).resolves.toBeUndefined();
  });

  test('is stopped to its end where one of them fails, and fails with its error', async () => {
    const { diary, list } = steps(2);
    const failure = new Error('it failed');
    const failing = { close: () => Promise.reject(failure) };
    await expect(runBefore([...list, failing])).rejects.toBe(failure);
    expect(diary).toHaveLength(4);
  });

  test('fails with all errors where several of them fail', async () => {
    const fail = (what: string) => () => {
      throw new Error(what);
    };
    const failed = runBefore([fail('a'), () => undefined, fail('b')]);
    await expect(failed).rejects.toMatchObject({
      message: '2 of 3 failed.',
      errors: [{ message: 'b' }, { message: 'a' }],
    });
  });
});

describe('a server whose close() gives itself back', () => {
  test('has ended where it had no connections', async () => {
    expect(await hasEnded(runBefore(fakeServer({ listening: false, connections: 0 })))).toBe(true);
  });

  test('has ended at its event where requests are under way', async () => {
    const server = fakeServer({ listening: false, connections: 1 });
    const running = runBefore(server);
    expect(await hasEnded(running)).toBe(false);
    server.emit('close');
    expect(await hasEnded(running)).toBe(true);
  });

  test('has ended at its event where it still listens', async () => {
    const server = fakeServer({ listening: true, connections: 0 });
    const running = runBefore(() => server);
    expect(await hasEnded(running)).toBe(false);
    server.emit('close');
    expect(await hasEnded(running)).toBe(true);
  });

  test('fails where its connections cannot be counted', async () => {
    const server = fakeServer({ listening: false, failure: new Error('no count') });
    await expect(runBefore(server)).rejects.toThrow('no count');
  });

  test('is a real one that never listened, too', async () => {
    await expect(runBefore(createServer())).resolves.toBeUndefined();
  });
});
