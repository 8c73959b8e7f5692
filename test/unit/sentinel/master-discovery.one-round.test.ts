import { describe, expect, test } from 'vitest';
import type { NodeAddress } from '../../../src/sentinel/sentinel-replies.js';
import { runDiscoveryRound } from '../../../src/sentinel/master-discovery.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';

interface PendingQuery {
  readonly port: number;
  readonly signal: AbortSignal;
  readonly answer: (text: string) => void;
  readonly fail: () => void;
}

/** A round through sentinels with these ports. Each of them is asked 100 ms after the previous one. */
function createBench(...ports: number[]) {
  const clock = createFakeClock();
  const queries: PendingQuery[] = [];
  const query = ({ port }: NodeAddress, signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      const fail = () => reject(new Error(`no ${port}`));
      queries.push({ port, signal, answer: resolve, fail });
    });
  const sentinels = ports.map((port) => ({ host: 's', port }));
  const outcome = runDiscoveryRound(sentinels, { clock, staggerMs: 100, query });
  return { clock, queries, outcome, askedPorts: () => queries.map(({ port }) => port) };
}

describe('a round through the sentinels', () => {
  test('asks the next sentinel if one is slow', async () => {
    const { clock, askedPorts } = createBench(1, 2, 3);
    expect(askedPorts()).toEqual([1]);
    await clock.advance(99);
    expect(askedPorts()).toEqual([1]);
    await clock.advance(1);
    expect(askedPorts()).toEqual([1, 2]);
    await clock.advance(100);
    expect(askedPorts()).toEqual([1, 2, 3]);
    await clock.advance(1_000);
    expect(askedPorts()).toEqual([1, 2, 3]);
  });

  test('asks the next sentinel at once if one fails, and waits the full time for that one', async () => {
    const { clock, queries, askedPorts } = createBench(1, 2, 3);
    await clock.advance(60);
    queries[0]?.fail();
    await clock.advance(99);
    expect(askedPorts()).toEqual([1, 2]);
    await clock.advance(1);
    expect(askedPorts()).toEqual([1, 2, 3]);
  });

  test('ends with the first answer, even of a slow sentinel, and aborts the other queries', async () => {
    const { clock, queries, outcome, askedPorts } = createBench(1, 2, 3);
    await clock.advance(100);
    queries[0]?.answer('slow');
    expect(await outcome).toEqual({
      answered: { sentinel: { host: 's', port: 1 }, answer: 'slow' },
      failures: [],
    });
    expect(queries.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    await clock.advance(1_000);
    expect(askedPorts()).toEqual([1, 2]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('reports the failures before its end, and none after it', async () => {
    const { clock, queries, outcome, askedPorts } = createBench(1, 2, 3);
    queries[0]?.fail();
    await clock.advance(100);
    queries[2]?.answer('yes');
    const { answered, failures } = await outcome;
    queries[1]?.fail();
    await clock.advance(0);
    expect(answered?.sentinel.port).toBe(3);
    expect(failures.map(({ sentinel, error }) => [sentinel.port, error.message])).toEqual([[1, 'no 1']]);
    expect(askedPorts()).toEqual([1, 2, 3]);
  });

  test('fails when all sentinels have failed, in any order', async () => {
    const { clock, queries, outcome } = createBench(1, 2);
    await clock.advance(100);
    queries[1]?.fail();
    await clock.advance(0);
    queries[0]?.fail();
    const { answered, failures } = await outcome;
    expect(answered).toBeUndefined();
    expect(failures.map(({ sentinel }) => sentinel.port)).toEqual([2, 1]);
    expect(clock.pendingTimers()).toBe(0);
  });
});
