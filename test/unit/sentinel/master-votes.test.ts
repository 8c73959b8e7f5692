import { describe, expect, test } from 'vitest';
import { createOpinionsBench } from '../../support/unit/sentinel/master-votes-harness.js';

describe('the master in the opinion of several sentinels', () => {
  test('is unknown before one has spoken, and where it knows none', () => {
    const { says, master } = createOpinionsBench();
    expect(master()).toBeUndefined();
    says('a', undefined, 3);
    expect(master()).toBeUndefined();
  });

  test('is what a sentinel said last that knew one', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 0);
    says('a', undefined);
    expect(master()).toBe(1);
  });

  test('is that of the highest epoch, however few say so and whoever speaks later', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 4);
    says('b', 1, 4);
    says('c', 2, 5);
    expect(master()).toBe(2);
    says('a', 1, 4);
    expect(master()).toBe(2);
  });

  test('stays the third one when a sentinel tells late of the second of three', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 1);
    says('b', 1, 1);
    says('a', 2, 2);
    says('a', 3, 3);
    says('b', 2, 2);
    expect(master()).toBe(3);
  });

  test('at the same epoch is what most of them say', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 0);
    expect(master()).toBe(1);
    says('b', 2, 0);
    expect(master()).toBe(1);
    says('c', 2, 0);
    expect(master()).toBe(2);
  });

  test('in a tie stays what it was, though the other one was named last', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 0);
    expect(master()).toBe(1);
    says('b', 2, 0);
    expect(master()).toBe(1);
    says('a', 1, 0);
    expect(master()).toBe(1);
  });

  test('in a tie without one that was before is the one named last', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 0);
    says('b', 2, 0);
    expect(master()).toBe(2);
  });

  test('in such a tie is the one named last also where that is not news', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 0);
    says('b', 2, 0);
    says('a', 1, 0);
    expect(master()).toBe(1);
  });
});

describe('a sentinel that does not tell the epoch', () => {
  test('has seen a failover more when it changes its mind', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 7);
    says('b', 1, 7);
    says('a', 2);
    expect(master()).toBe(2);
  });

  test('counts failovers for itself, so that the others follow it', () => {
    const { says, master } = createOpinionsBench();
    for (const sentinel of ['a', 'b', 'c']) says(sentinel, 1);
    says('a', 2);
    expect(master()).toBe(2);
    says('b', 2);
    says('a', 3);
    expect(master()).toBe(3);
    says('c', 2);
    expect(master()).toBe(3);
  });

  test('says nothing new when it repeats itself', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 7);
    says('b', 2, 8);
    for (let count = 0; count < 5; count += 1) says('a', 1);
    expect(master()).toBe(2);
  });

  test('begins below whoever tells one', () => {
    const { says, master } = createOpinionsBench();
    says('a', 1, 1);
    says('b', 2);
    expect(master()).toBe(1);
  });
});

describe('a sentinel that has not been heard for a minute', () => {
  test('has no say any more, whatever its epoch', async () => {
    const { clock, says, master } = createOpinionsBench();
    says('a', 1, 9);
    await clock.advance(59_999);
    says('b', 2, 0);
    expect(master()).toBe(1);
    await clock.advance(1);
    says('b', 2, 0);
    expect(master()).toBe(2);
  });

  test('keeps its say as long as nobody has been heard since', async () => {
    const { clock, says, master } = createOpinionsBench();
    says('a', 1, 9);
    await clock.advance(600_000);
    expect(master()).toBe(1);
  });
});
