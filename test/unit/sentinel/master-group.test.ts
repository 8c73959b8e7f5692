import { describe, expect, test } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import { createGroupBench, fails, lists, names } from '../../support/unit/sentinel/master-group-harness.js';

describe('a client that looks for its master', () => {
  test('is sent where a sentinel says, through its own natMap', async () => {
    const { join } = createGroupBench();
    expect(await join().search()).toBe(1);
    expect(await join({ natMap: { 'h:1': { host: 'outside', port: 71 } } }).search()).toBe(71);
    expect(await join({ natMap: (key) => (key === 'h:1' ? { host: 'o', port: 72 } : null) }).search()).toBe(
      72,
    );
  });

  test('is sent to the master of the highest epoch, though the one that was asked names another', async () => {
    const { join, answers, hear, clock } = createGroupBench();
    await join().search();
    hear(2, 5, 'asked', 2);
    await clock.advance(10_000);
    answers.master = () => names(1, 4);
    expect(await join().search()).toBe(2);
  });

  test('hears of each sentinel that did not help', async () => {
    const { join, answers } = createGroupBench();
    const failures = [new HygieneError('HYG_AUTH_REFUSED', 'No.')];
    answers.master = () => ({ ...names(1), failures });
    const client = join();
    await client.search();
    expect(client).toMatchObject({ sentinelErrors: ['HYG_AUTH_REFUSED'], rounds: [], reports: [] });
    answers.replicas = () => ({ ...lists([{ ip: 'h', port: '2' }]), failures });
    const reader = join({ role: 'slave' });
    expect(await reader.search()).toBe(2);
    expect(reader.sentinelErrors).toEqual(['HYG_AUTH_REFUSED']);
  });

  test('asks again after each round, with the pauses of its own strategy, until one helps', async () => {
    const { join, answers, clock, questions } = createGroupBench();
    answers.master = () => fails();
    const asked: number[] = [];
    const client = join({ sentinelRetryStrategy: (round) => (asked.push(round), round * 100) });
    const found = client.search();
    await clock.advance(99);
    expect(questions()).toBe(1);
    await clock.advance(1);
    expect(questions()).toBe(2);
    await clock.advance(199);
    expect(questions()).toBe(2);
    answers.master = () => names(1);
    await clock.advance(1);
    expect(await found).toBe(1);
    expect(asked).toEqual([1, 2]);
    const code = 'HYG_SENTINEL_UNREACHABLE';
    expect(client).toMatchObject({ rounds: [code, code], reports: [code] });
  });

  test.for([['no number', () => null], ['none']] as const)(
    'fails where the strategy is %s',
    async ([, strategy]) => {
      const { join, answers, clock } = createGroupBench();
      answers.master = () => fails();
      const client = join({ sentinelRetryStrategy: strategy as never });
      expect(await client.search()).toBe('HYG_SENTINEL_UNREACHABLE');
      expect(client.reports).toEqual(['HYG_SENTINEL_UNREACHABLE']);
      expect(client.rounds).toEqual([]);
      expect(clock.pendingTimers()).toBe(0);
    },
  );

  test('hears of the shutdown, and not of sentinels whose connections it has closed', async () => {
    const { join, answers, factory, clock } = createGroupBench();
    answers.master = () => fails();
    factory.isOpen = false;
    const client = join();
    expect(await client.search()).toBe('HYG_SHUT_DOWN');
    expect(client).toMatchObject({ reports: [], rounds: [] });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('ends at once when it is called off, in its pause or in a round, and asks no more', async () => {
    const { join, answers, clock, questions } = createGroupBench();
    answers.master = () => fails();
    const client = join();
    const pausing = client.search();
    await clock.advance(0);
    client.callOff();
    expect(await pausing).toBe('Connection is closed.');
    expect(clock.pendingTimers()).toBe(0); // it would hold the process
    await clock.advance(1_000);
    expect(questions()).toBe(1);
    expect(clock.pendingTimers()).toBe(0);

    let answer: (finding: ReturnType<typeof names>) => void = () => undefined;
    answers.master = () => new Promise((resolve) => (answer = resolve));
    const asking = client.search();
    client.callOff();
    expect(await asking).toBe('Connection is closed.');
    answer(names(1));
    await clock.advance(1_000);
    expect(questions()).toBe(2);
    expect(client.reports).toHaveLength(1);
  });

  test('that is called off is not sent anywhere: nobody tears it from there', async () => {
    const { join, answers, clock, hear, lookout } = createGroupBench();
    let answer: (finding: ReturnType<typeof names>) => void = () => undefined;
    answers.master = () => new Promise((resolve) => (answer = resolve));
    const client = join();
    void client.search();
    client.callOff();
    answer(names(1));
    await clock.advance(0);
    hear(2, 1);
    expect(client.redials).toBe(0);
    expect(lookout.starts).toBe(0);
  });

  test('may be called off when it does not search', async () => {
    const { join } = createGroupBench();
    const client = join();
    client.callOff();
    expect(await client.search()).toBe(1);
    client.callOff();
    expect(await client.search()).toBe(1);
  });
});

test('an application’s natMap that throws is told as such, and tried again', async () => {
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

describe('a client whose server refuses', () => {
  test('has the sentinel that named it asked last, and its word counts less', async () => {
    const { join, answers, distrusted } = createGroupBench();
    const client = join();
    expect(await client.search()).toBe(1);
    expect(distrusted).toEqual([]);
    answers.master = () => names(2, 0, 2);
    expect(await client.search()).toBe(2);
    expect(distrusted).toEqual(['s:1']);
  });

  test('blames nobody when the server took the connection, or when it was called away', async () => {
    const { join, hear, distrusted } = createGroupBench();
    const taken = join();
    await taken.search();
    taken.reached();
    await taken.search();
    const away = join();
    await away.search();
    hear(2, 1);
    await away.search();
    expect(distrusted).toEqual([]);
  });

  test('blames who named a server of another role', async () => {
    const { joinReady, answers, distrusted } = createGroupBench();
    const client = await joinReady();
    client.misled();
    expect(distrusted).toEqual(['s:1']);
    answers.master = () => names(2, 0, 2);
    expect(await client.search()).toBe(2);
    expect(distrusted).toEqual(['s:1']);
  });

  test('that takes it after all is the master again, whatever a sentinel says that was left behind', async () => {
    const { join, answers } = createGroupBench();
    const client = join();
    answers.master = () => names(1, 5, 1);
    await client.search();
    await client.search(); // refused: a restart
    client.reached();
    client.arrived();
    answers.master = () => names(9, 4, 3);
    expect(await client.search()).toBe(1);
  });
});
