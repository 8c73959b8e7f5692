import { describe, expect, test } from 'vitest';
import { viewRow } from '../../../../src/doctor/client-list/client-row.js';
import { createRowGroups, mergeGroups } from '../../../../src/doctor/group/grouped-clients.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';
import { listSource } from '../../../support/unit/doctor/group/sources.js';

const source = listSource('a', []);

function counts(groups: ReadonlyMap<string, { readonly count: number }>): Record<string, number> {
  return Object.fromEntries([...groups].map(([key, { count }]) => [key, count]));
}

function rowGroupsOf(...names: string[]) {
  const rowGroups = createRowGroups((row) => row.text('name'));
  for (const name of names) rowGroups.add(viewRow(clientRow({ name })), source);
  return rowGroups;
}

describe('createRowGroups', () => {
  test('groups rows by a field', () => {
    const rowGroups = rowGroupsOf('a', 'b', 'a', '', 'a');
    expect(counts(rowGroups.groups())).toEqual({ a: 3, b: 1, '': 1 });
  });

  test('groups rows by their source', () => {
    const rowGroups = createRowGroups((_, { target }) => target);
    for (const target of ['one', 'two', 'one']) rowGroups.add(viewRow(clientRow()), listSource(target, []));
    expect(counts(rowGroups.groups())).toEqual({ one: 2, two: 1 });
  });

  test('has no groups without rows', () => {
    expect(rowGroupsOf().groups().size).toBe(0);
  });
});

describe('mergeGroups', () => {
  test('merges groups with the same label, with all of their rows', () => {
    const groups = mergeGroups(rowGroupsOf('a1', 'b1', 'a2', 'a2').groups(), ([first = '']) => first);
    expect(counts(groups)).toEqual({ a: 3, b: 1 });
    expect(groups.get('a')?.figures()).toMatchObject({ count: 3, memoryBytes: 6_000 });
  });

  test('leaves out groups without a label', () => {
    const groups = mergeGroups(rowGroupsOf('a', 'b', 'b').groups(), (key) => (key === 'a' ? key : undefined));
    expect(counts(groups)).toEqual({ a: 1 });
  });

  test('keeps groups with different labels apart', () => {
    expect(counts(mergeGroups(rowGroupsOf('a', 'b', 'b').groups(), (key) => key + key))).toEqual({
      aa: 1,
      bb: 2,
    });
  });
});
