import { describe, expect, test } from 'vitest';
import { orNothing, putQuestion } from '../../../src/sentinel/sentinel-query.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';
import {
  createFakeLine,
  refusal,
  type FakeLine,
} from '../../support/unit/sentinel/fake-subscription-connection.js';

function createBench() {
  const clock = createFakeClock();
  const round = new AbortController();
  const opened: { port: number; once: boolean; line: FakeLine }[] = [];
  const answer = putQuestion(
    {
      clock,
      limitMs: 1_500,
      open({ port }, listener, { once }) {
        const line = createFakeLine(listener, { ping: 'PONG', fail: refusal('ERR no') });
        opened.push({ port, once, line });
        return line;
      },
    },
    { host: 's', port: 1 },
    (call) => call('ping'),
    round.signal,
  );
  answer.catch(() => undefined);
  const { line } = opened[0] as (typeof opened)[0];
  return { clock, round, opened, line, answer };
}

describe('a question to a sentinel', () => {
  test('is put when the connection is up, and closes it with the answer', async () => {
    const { line, answer, opened, clock } = createBench();
    expect(opened).toMatchObject([{ port: 1, once: true }]);
    expect(line.sent).toEqual([]);
    line.listener.onUp();
    expect(await answer).toBe('PONG');
    expect(line.isClosed).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('fails when there is no answer within the limit', async () => {
    const { line, answer, clock } = createBench();
    await clock.advance(1_499);
    expect(line.isClosed).toBe(false);
    await clock.advance(1);
    await expect(answer).rejects.toThrow('1500 ms');
    expect(line.isClosed).toBe(true);
  });

  test('fails with the reason for which the connection ended', async () => {
    const { line, answer, clock } = createBench();
    line.listener.onError(new Error('ECONNREFUSED'));
    line.listener.onDown(0);
    line.listener.onEnd();
    await expect(answer).rejects.toThrow('ECONNREFUSED');
    expect(line.isClosed).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('fails also where the connection ended without one', async () => {
    const { line, answer } = createBench();
    line.listener.onEnd();
    await expect(answer).rejects.toThrow('closed');
  });

  test('is given up when another sentinel has answered', async () => {
    const { line, answer, round, clock } = createBench();
    round.abort();
    await expect(answer).rejects.toThrow('another sentinel');
    expect(line.isClosed).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });
});

test('a refusal is an answer: nothing', async () => {
  expect(await orNothing(Promise.reject(refusal('NOPERM')))).toBeUndefined();
  expect(await orNothing(Promise.resolve('yes'))).toBe('yes');
});
