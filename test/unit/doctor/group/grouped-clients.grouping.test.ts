import { describe, expect, test } from 'vitest';
import { viewRow } from '../../../../src/doctor/client-list/client-row.js';
import { createGrouping, regroup } from '../../../../src/doctor/group/grouped-clients.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';
import { listOf } from '../../../support/unit/doctor/group/sources.js';

const source = listOf('a', []);

function counts(groups: ReadonlyMap<string, { readonly count: number }>): Record<string, number> {
  return Object.fromEntries([...groups].map(([key, { count }]) => [key, count]));
}

function grouped(...names: string[]) {
  const grouping = createGrouping((row) => row.text('name'));
  for (const name of names) grouping.add(viewRow(clientRow({ name })), source);
  return grouping;
}

describe('rows', () => {
  test('are gathered by what is read of them', () => {
    const grouping = grouped('a', 'b', 'a', '', 'a');
    expect(counts(grouping.groups())).toEqual({ a: 3, b: 1, '': 1 });
    expect(grouping.total()).toBe(5);
  });

  test('may be gathered by where they come from', () => {
    const grouping = createGrouping((_, { target }) => target);
    for (const target of ['one', 'two', 'one']) grouping.add(viewRow(clientRow()), listOf(target, []));
    expect(counts(grouping.groups())).toEqual({ one: 2, two: 1 });
  });

  test('of none there are no groups', () => {
    expect(grouped().groups().size).toBe(0);
    expect(grouped().total()).toBe(0);
  });
});

describe('under other labels', () => {
  test('groups with the same one become one, and no row is lost', () => {
    const groups = regroup(grouped('a1', 'b1', 'a2', 'a2').groups(), ([first = '']) => first);
    expect(counts(groups)).toEqual({ a: 3, b: 1 });
    expect(groups.get('a')?.figures()).toMatchObject({ count: 3, memory: 6_000 });
  });

  test('groups with different ones stay apart', () => {
    expect(counts(regroup(grouped('a', 'b', 'b').groups(), (key) => key + key))).toEqual({ aa: 1, bb: 2 });
  });
});
