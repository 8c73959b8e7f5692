import { describe, expect, test } from 'vitest';
import { createVotesBench } from '../../support/unit/sentinel/master-votes-harness.js';

describe('the elected master', () => {
  test('is unknown before the first vote, and if the sentinel does not know it', () => {
    const { vote, elected } = createVotesBench();
    expect(elected()).toBeUndefined();
    vote('a', undefined, 3);
    expect(elected()).toBeUndefined();
  });

  test('stays if its sentinel does not know it any more', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 0);
    vote('a', undefined);
    expect(elected()).toBe(1);
  });

  test('is the one with the highest epoch, even with fewer votes and before later votes', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 4);
    vote('b', 1, 4);
    vote('c', 2, 5);
    expect(elected()).toBe(2);
    vote('a', 1, 4);
    expect(elected()).toBe(2);
  });

  test('stays if a sentinel reports an earlier failover late', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 1);
    vote('b', 1, 1);
    vote('a', 2, 2);
    vote('a', 3, 3);
    vote('b', 2, 2);
    expect(elected()).toBe(3);
  });

  test('is the one of a published failover from the current master, also by a sentinel that has not voted', () => {
    const { vote, publish, elected } = createVotesBench();
    vote('a', 1);
    vote('b', 1);
    expect(elected()).toBe(1);
    publish('c', 3, 4);
    expect(elected()).toBe(1);
    publish('d', 1, 2);
    expect(elected()).toBe(2);
  });

  test('is the one with most votes if the epochs are equal', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 0);
    expect(elected()).toBe(1);
    vote('b', 2, 0);
    expect(elected()).toBe(1);
    vote('c', 2, 0);
    expect(elected()).toBe(2);
  });

  test('stays the same in a tie, even if the other one has the last vote', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 0);
    expect(elected()).toBe(1);
    vote('b', 2, 0);
    expect(elected()).toBe(1);
    vote('a', 1, 0);
    expect(elected()).toBe(1);
  });

  test('is the one with the last vote in a tie, if there was none before', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 0);
    vote('b', 2, 0);
    expect(elected()).toBe(2);
  });

  test('is the one with the last vote in a tie, even if that vote is a repeated one', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 0);
    vote('b', 2, 0);
    vote('a', 1, 0);
    expect(elected()).toBe(1);
  });
});

describe('a sentinel that does not report the epoch', () => {
  test('is assumed to know of one more failover when its vote changes', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 7);
    vote('b', 1, 7);
    vote('a', 2);
    expect(elected()).toBe(2);
  });

  test('can change its vote again before the other sentinels follow', () => {
    const { vote, elected } = createVotesBench();
    for (const sentinel of ['a', 'b', 'c']) vote(sentinel, 1);
    vote('a', 2);
    expect(elected()).toBe(2);
    vote('b', 2);
    vote('a', 3);
    expect(elected()).toBe(3);
    vote('c', 2);
    expect(elected()).toBe(3);
  });

  test('gains nothing by repeating its vote', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 7);
    vote('b', 2, 8);
    for (let count = 0; count < 5; count += 1) vote('a', 1);
    expect(elected()).toBe(2);
  });

  test('starts below a sentinel that reports an epoch', () => {
    const { vote, elected } = createVotesBench();
    vote('a', 1, 1);
    vote('b', 2);
    expect(elected()).toBe(1);
  });
});

describe('a vote older than a minute', () => {
  test('does not count any more, even with a higher epoch', async () => {
    const { clock, vote, elected } = createVotesBench();
    vote('a', 1, 9);
    await clock.advance(59_999);
    vote('b', 2, 0);
    expect(elected()).toBe(1);
    await clock.advance(1);
    vote('b', 2, 0);
    expect(elected()).toBe(2);
  });

  test('counts as long as there is no later vote', async () => {
    const { clock, vote, elected } = createVotesBench();
    vote('a', 1, 9);
    await clock.advance(600_000);
    expect(elected()).toBe(1);
  });
});
