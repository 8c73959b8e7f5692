import { describe, expect, test } from 'vitest';
import { createOpinionsBench } from '../../support/unit/sentinel/master-votes-harness.js';

describe('a sentinel whose master led nowhere', () => {
  test('has no say while another one has, whatever its epoch', () => {
    const { says, discredit, master } = createOpinionsBench();
    says('a', 1, 9);
    discredit('a');
    expect(master()).toBe(1);
    says('b', 2, 0);
    expect(master()).toBe(2);
    says('a', 1, 9);
    expect(master()).toBe(2);
  });

  test('has its say again when it names another one', () => {
    const { says, discredit, master } = createOpinionsBench();
    says('a', 1, 9);
    discredit('a');
    says('b', 2, 0);
    says('a', 3, 9);
    expect(master()).toBe(3);
  });

  test('has its say again when its master was chosen anew', () => {
    const { says, discredit, master } = createOpinionsBench();
    says('a', 1, 5);
    discredit('a');
    says('b', 2, 6);
    says('a', 1, 7);
    expect(master()).toBe(1);
  });

  test('has its say again when that master takes clients', () => {
    const { says, discredit, credit, master } = createOpinionsBench();
    says('a', 1, 5);
    discredit('a');
    says('b', 2, 4);
    credit(2);
    expect(master()).toBe(2);
    credit(1);
    expect(master()).toBe(1);
  });

  test('keeps its say with all others who name it: the one that was left behind does not win', () => {
    const { says, discredit, master } = createOpinionsBench();
    says('a', 1, 5);
    says('b', 1, 5);
    discredit('a'); // the master is restarting
    discredit('b');
    says('c', 2, 4);
    expect(master()).toBe(1);
  });

  test('is overruled by one that knows of a later failover', () => {
    const { says, discredit, master } = createOpinionsBench();
    for (const sentinel of ['a', 'b']) {
      says(sentinel, 1, 5);
      discredit(sentinel);
    }
    says('c', 2, 6);
    expect(master()).toBe(2);
  });

  test('is overruled at the same epoch, also where more of them say so', () => {
    const { says, discredit, master } = createOpinionsBench();
    for (const sentinel of ['a', 'b']) {
      says(sentinel, 1, 0);
      discredit(sentinel);
    }
    says('c', 2, 0);
    expect(master()).toBe(2);
  });

  test('that is not known is no matter', () => {
    const { says, discredit, master } = createOpinionsBench();
    discredit('a');
    says('a', 1, 0);
    says('b', 2, 0);
    says('a', 1, 0);
    says('c', 1, 0);
    expect(master()).toBe(1);
  });
});
