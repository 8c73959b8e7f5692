import { describe, expect, test } from 'vitest';
import type { NodeAddress } from '../../../src/sentinel/sentinel-replies.js';
import { runDiscoveryRound } from '../../../src/sentinel/master-discovery.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';

interface Question {
  readonly port: number;
  readonly signal: AbortSignal;
  readonly answer: (text: string) => void;
  readonly fail: () => void;
}

/** A round through sentinels with these ports, each 100 ms after the one before. */
function createBench(...ports: number[]) {
  const clock = createFakeClock();
  const questions: Question[] = [];
  const put = ({ port }: NodeAddress, signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      const fail = () => reject(new Error(`no ${port}`));
      questions.push({ port, signal, answer: resolve, fail });
    });
  const sentinels = ports.map((port) => ({ host: 's', port }));
  const outcome = runDiscoveryRound(sentinels, { clock, staggerMs: 100, put });
  return { clock, questions, outcome, asked: () => questions.map(({ port }) => port) };
}

describe('a round through the sentinels', () => {
  test('asks the next one when one is slow', async () => {
    const { clock, asked } = createBench(1, 2, 3);
    expect(asked()).toEqual([1]);
    await clock.advance(99);
    expect(asked()).toEqual([1]);
    await clock.advance(1);
    expect(asked()).toEqual([1, 2]);
    await clock.advance(100);
    expect(asked()).toEqual([1, 2, 3]);
    await clock.advance(1_000);
    expect(asked()).toEqual([1, 2, 3]);
  });

  test('asks the next one at once when one fails, and gives that one its whole time', async () => {
    const { clock, questions, asked } = createBench(1, 2, 3);
    await clock.advance(60);
    questions[0]?.fail();
    await clock.advance(99);
    expect(asked()).toEqual([1, 2]);
    await clock.advance(1);
    expect(asked()).toEqual([1, 2, 3]);
  });

  test('ends with the first answer, also of one that was slow, and calls off the others', async () => {
    const { clock, questions, outcome, asked } = createBench(1, 2, 3);
    await clock.advance(100);
    questions[0]?.answer('late');
    expect(await outcome).toEqual({
      answered: { sentinel: { host: 's', port: 1 }, answer: 'late' },
      failures: [],
    });
    expect(questions.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    await clock.advance(1_000);
    expect(asked()).toEqual([1, 2]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('tells who failed before, and nothing of what comes after its end', async () => {
    const { clock, questions, outcome, asked } = createBench(1, 2, 3);
    questions[0]?.fail();
    await clock.advance(100);
    questions[2]?.answer('yes');
    const { answered, failures } = await outcome;
    questions[1]?.fail();
    await clock.advance(0);
    expect(answered?.sentinel.port).toBe(3);
    expect(failures.map(({ sentinel, error }) => [sentinel.port, error.message])).toEqual([[1, 'no 1']]);
    expect(asked()).toEqual([1, 2, 3]);
  });

  test('fails when all have failed, in whatever order', async () => {
    const { clock, questions, outcome } = createBench(1, 2);
    await clock.advance(100);
    questions[1]?.fail();
    await clock.advance(0);
    questions[0]?.fail();
    const { answered, failures } = await outcome;
    expect(answered).toBeUndefined();
    expect(failures.map(({ sentinel }) => sentinel.port)).toEqual([2, 1]);
    expect(clock.pendingTimers()).toBe(0);
  });
});
