import { describe, expect, test } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import {
  createGroupBench,
  failedRound,
  foundReplicas,
  foundMaster,
} from '../../support/unit/sentinel/master-group-harness.js';

describe('a client that searches for its master', () => {
  test('is sent to the server that a sentinel names, through its own natMap', async () => {
    const { join } = createGroupBench();
    expect(await join().search()).toBe(1);
    expect(await join({ natMap: { 'h:1': { host: 'outside', port: 71 } } }).search()).toBe(71);
    expect(await join({ natMap: (key) => (key === 'h:1' ? { host: 'o', port: 72 } : null) }).search()).toBe(
      72,
    );
  });

  test('is sent to the master of the highest epoch, even if the asked sentinel names another', async () => {
    const { join, results, vote, clock } = createGroupBench();
    await join().search();
    vote(2, 5, 'query', 2);
    await clock.advance(10_000);
    results.master = () => foundMaster(1, 4);
    expect(await join().search()).toBe(2);
  });

  test('is told of each sentinel that failed', async () => {
    const { join, results } = createGroupBench();
    const failures = [new HygieneError('HYG_AUTH_REFUSED', 'No.')];
    results.master = () => ({ ...foundMaster(1), failures });
    const client = join();
    await client.search();
    expect(client).toMatchObject({ sentinelErrors: ['HYG_AUTH_REFUSED'], rounds: [], reports: [] });
    results.replicas = () => ({ ...foundReplicas([{ ip: 'h', port: '2' }]), failures });
    const reader = join({ role: 'slave' });
    expect(await reader.search()).toBe(2);
    expect(reader.sentinelErrors).toEqual(['HYG_AUTH_REFUSED']);
  });

  test('repeats failed rounds after the pauses of its own retry strategy', async () => {
    const { join, results, clock, rounds } = createGroupBench();
    results.master = () => failedRound();
    const retries: number[] = [];
    const client = join({ sentinelRetryStrategy: (round) => (retries.push(round), round * 100) });
    const found = client.search();
    await clock.advance(99);
    expect(rounds()).toBe(1);
    await clock.advance(1);
    expect(rounds()).toBe(2);
    await clock.advance(199);
    expect(rounds()).toBe(2);
    results.master = () => foundMaster(1);
    await clock.advance(1);
    expect(await found).toBe(1);
    expect(retries).toEqual([1, 2]);
    const code = 'HYG_SENTINEL_UNREACHABLE';
    expect(client).toMatchObject({ rounds: [code, code], reports: [code] });
  });

  test.for([['null', () => null], ['no strategy']] as const)(
    'fails if the retry strategy returns no number: %s',
    async ([, strategy]) => {
      const { join, results, clock } = createGroupBench();
      results.master = () => failedRound();
      const client = join({ sentinelRetryStrategy: strategy as never });
      expect(await client.search()).toBe('HYG_SENTINEL_UNREACHABLE');
      expect(client.reports).toEqual(['HYG_SENTINEL_UNREACHABLE']);
      expect(client.rounds).toEqual([]);
      expect(clock.pendingTimers()).toBe(0);
    },
  );

  test('fails with the shutdown, not with the connections to sentinels that it closes', async () => {
    const { join, results, factory, clock } = createGroupBench();
    results.master = () => failedRound();
    factory.isOpen = false;
    const client = join();
    expect(await client.search()).toBe('HYG_SHUT_DOWN');
    expect(client).toMatchObject({ reports: [], rounds: [] });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('stops at once when its search is cancelled, in a pause or in a round', async () => {
    const { join, results, clock, rounds } = createGroupBench();
    results.master = () => failedRound();
    const client = join();
    const pausing = client.search();
    await clock.advance(0);
    client.cancelSearch();
    expect(await pausing).toBe('Connection is closed.');
    expect(clock.pendingTimers()).toBe(0); // a timer would keep the process alive
    await clock.advance(1_000);
    expect(rounds()).toBe(1);
    expect(clock.pendingTimers()).toBe(0);

    let answer: (result: ReturnType<typeof foundMaster>) => void = () => undefined;
    results.master = () => new Promise((resolve) => (answer = resolve));
    const asking = client.search();
    client.cancelSearch();
    expect(await asking).toBe('Connection is closed.');
    answer(foundMaster(1));
    await clock.advance(1_000);
    expect(rounds()).toBe(2);
    expect(client.reports).toHaveLength(1);
  });

  test('is not assigned to a server after its search was cancelled', async () => {
    const { join, results, clock, vote, monitor } = createGroupBench();
    let answer: (result: ReturnType<typeof foundMaster>) => void = () => undefined;
    results.master = () => new Promise((resolve) => (answer = resolve));
    const client = join();
    void client.search();
    client.cancelSearch();
    answer(foundMaster(1));
    await clock.advance(0);
    vote(2, 1);
    expect(client.redials).toBe(0);
    expect(monitor.starts).toBe(0);
  });

  test('may cancel a search when there is none', async () => {
    const { join } = createGroupBench();
    const client = join();
    client.cancelSearch();
    expect(await client.search()).toBe(1);
    client.cancelSearch();
    expect(await client.search()).toBe(1);
  });
});

test('a natMap that throws fails the round, which is repeated', async () => {
  const { join, clock } = createGroupBench();
  let failures = 1;
  const client = join({
    natMap() {
      failures -= 1;
      if (failures >= 0) throw new Error('not in my table');
      return null;
    },
  });
  const found = client.search();
  await clock.advance(100);
  expect(await found).toBe(1);
  expect(client.reports).toEqual(['HYG_SENTINEL_UNREACHABLE']);
});

describe('a client whose server refuses the connection', () => {
  test('discredits the sentinel that named the server, and asks it last', async () => {
    const { join, results, askedLast } = createGroupBench();
    const client = join();
    expect(await client.search()).toBe(1);
    expect(askedLast).toEqual([]);
    client.onRefused();
    results.master = () => foundMaster(2, 0, 2);
    expect(await client.search()).toBe(2);
    expect(askedLast).toEqual(['s:1']);
  });

  test('discredits no sentinel after an accepted connection, or after a failover', async () => {
    const { join, vote, askedLast } = createGroupBench();
    const taken = join();
    await taken.search();
    taken.onConnected();
    await taken.search();
    const away = join();
    await away.search();
    vote(2, 1);
    await away.search();
    expect(askedLast).toEqual([]);
  });

  test('discredits the sentinel that named a server of another role', async () => {
    const { joinReady, results, askedLast } = createGroupBench();
    const client = await joinReady();
    client.onWrongRole();
    expect(askedLast).toEqual(['s:1']);
    results.master = () => foundMaster(2, 0, 2);
    expect(await client.search()).toBe(2);
    expect(askedLast).toEqual(['s:1']);
  });

  test('returns to it once it accepts connections, even if an outdated sentinel names another', async () => {
    const { join, results } = createGroupBench();
    const client = join();
    results.master = () => foundMaster(1, 5, 1);
    await client.search();
    await client.search(); // refused: a restart
    client.onConnected();
    client.onRoleConfirmed();
    results.master = () => foundMaster(9, 4, 3);
    expect(await client.search()).toBe(1);
  });
});

describe('the watching of the sentinels', () => {
  test('is told to each client that is connected, now or later', async () => {
    const { joinReady, settle, loseSentinel } = createGroupBench();
    const early = await joinReady();
    settle();
    settle();
    const late = await joinReady();
    const other = await joinReady({ failoverDetector: false });
    loseSentinel();
    expect([early.events, late.events, other.events]).toEqual([
      ['watched', 'sentinel lost'],
      ['watched', 'sentinel lost'],
      [],
    ]);
  });
});
