import { describe, expect, test } from 'vitest';
import { undefinedIfRejected, querySentinel } from '../../../src/sentinel/sentinel-query.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';
import {
  createFakeConnection,
  refusal,
  type FakeConnection,
} from '../../support/unit/sentinel/fake-subscription-connection.js';

function createBench() {
  const clock = createFakeClock();
  const round = new AbortController();
  const opened: { port: number; once: boolean; connection: FakeConnection }[] = [];
  const answer = querySentinel(
    {
      clock,
      timeoutMs: 1_500,
      open({ port }, listener, { once }) {
        const connection = createFakeConnection(listener, { ping: 'PONG', fail: refusal('ERR no') });
        opened.push({ port, once, connection });
        return connection;
      },
    },
    { host: 's', port: 1 },
    (call) => call('ping'),
    round.signal,
  );
  answer.catch(() => undefined);
  const { connection } = opened[0] as (typeof opened)[0];
  return { clock, round, opened, connection, answer };
}

describe('a query to a sentinel', () => {
  test('is sent when the connection is up, and closes it after the answer', async () => {
    const { connection, answer, opened, clock } = createBench();
    expect(opened).toMatchObject([{ port: 1, once: true }]);
    expect(connection.sent).toEqual([]);
    connection.listener.onConnected();
    expect(await answer).toBe('PONG');
    expect(connection.isClosed).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('fails if there is no answer within the time limit', async () => {
    const { connection, answer, clock } = createBench();
    await clock.advance(1_499);
    expect(connection.isClosed).toBe(false);
    await clock.advance(1);
    await expect(answer).rejects.toThrow('1500 ms');
    expect(connection.isClosed).toBe(true);
  });

  test('may take as long for each round trip of the connection, the handshake and the answer', async () => {
    const { connection, answer, clock } = createBench();
    await clock.advance(1_400);
    connection.listener.onProgress?.();
    await clock.advance(1_400);
    connection.listener.onProgress?.();
    await clock.advance(1_400);
    connection.listener.onConnected();
    expect(await answer).toBe('PONG');
    expect(clock.pendingTimers()).toBe(0);
  });

  test('fails if the handshake of an accepted connection takes too long', async () => {
    const { connection, answer, clock } = createBench();
    await clock.advance(1_400);
    connection.listener.onProgress?.();
    await clock.advance(1_500);
    await expect(answer).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('fails with the error of the connection when it ends', async () => {
    const { connection, answer, clock } = createBench();
    connection.listener.onError(new Error('ECONNREFUSED'));
    connection.listener.onDisconnected(0);
    connection.listener.onEnd();
    await expect(answer).rejects.toThrow('ECONNREFUSED');
    expect(connection.isClosed).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('fails when the connection ends without an error', async () => {
    const { connection, answer } = createBench();
    connection.listener.onEnd();
    await expect(answer).rejects.toThrow('closed');
  });

  test('is aborted when another sentinel has answered', async () => {
    const { connection, answer, round, clock } = createBench();
    round.abort();
    await expect(answer).rejects.toThrow('another sentinel');
    expect(connection.isClosed).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });
});

test('a refused command counts as undefined', async () => {
  expect(await undefinedIfRejected(Promise.reject(refusal('NOPERM')))).toBeUndefined();
  expect(await undefinedIfRejected(Promise.resolve('yes'))).toBe('yes');
});
