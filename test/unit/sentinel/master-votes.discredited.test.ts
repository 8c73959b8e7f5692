import { describe, expect, test } from 'vitest';
import { createVotesBench } from '../../support/unit/sentinel/master-votes-harness.js';

describe('a discredited sentinel', () => {
  test('does not count while another one does, even with a higher epoch', () => {
    const { vote, discredit, elected } = createVotesBench();
    vote('a', 1, 9);
    discredit('a');
    expect(elected()).toBe(1);
    vote('b', 2, 0);
    expect(elected()).toBe(2);
    vote('a', 1, 9);
    expect(elected()).toBe(2);
  });

  test('counts again when it votes for another master', () => {
    const { vote, discredit, elected } = createVotesBench();
    vote('a', 1, 9);
    discredit('a');
    vote('b', 2, 0);
    vote('a', 3, 9);
    expect(elected()).toBe(3);
  });

  test('counts again when it reports a later failover to the same master', () => {
    const { vote, discredit, elected } = createVotesBench();
    vote('a', 1, 5);
    discredit('a');
    vote('b', 2, 6);
    vote('a', 1, 7);
    expect(elected()).toBe(1);
  });

  test('counts again when its master is confirmed', () => {
    const { vote, discredit, confirm, elected } = createVotesBench();
    vote('a', 1, 5);
    discredit('a');
    vote('b', 2, 4);
    confirm(2);
    expect(elected()).toBe(2);
    confirm(1);
    expect(elected()).toBe(1);
  });

  test('counts if it is in the majority: an outdated sentinel does not win while the master restarts', () => {
    const { vote, discredit, elected } = createVotesBench();
    vote('a', 1, 5);
    vote('b', 1, 5);
    discredit('a'); // the master is restarting
    discredit('b');
    vote('c', 2, 4);
    expect(elected()).toBe(1);
  });

  test('is outvoted by a sentinel that reports a later failover', () => {
    const { vote, discredit, elected } = createVotesBench();
    for (const sentinel of ['a', 'b']) {
      vote(sentinel, 1, 5);
      discredit(sentinel);
    }
    vote('c', 2, 6);
    expect(elected()).toBe(2);
  });

  test('is outvoted at the same epoch, even by fewer votes', () => {
    const { vote, discredit, elected } = createVotesBench();
    for (const sentinel of ['a', 'b']) {
      vote(sentinel, 1, 0);
      discredit(sentinel);
    }
    vote('c', 2, 0);
    expect(elected()).toBe(2);
  });

  test('may be unknown: nothing changes', () => {
    const { vote, discredit, elected } = createVotesBench();
    discredit('a');
    vote('a', 1, 0);
    vote('b', 2, 0);
    vote('a', 1, 0);
    vote('c', 1, 0);
    expect(elected()).toBe(1);
  });
});
