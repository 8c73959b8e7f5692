import { expect, test } from 'vitest';
import { viewRow } from '../../../../src/doctor/client-list/client-row.js';
import { RowGroupBuilder } from '../../../../src/doctor/group/row-groups.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

/** A builder with one row for each of these groups. */
function builderOf(...groups: readonly number[]): RowGroupBuilder {
  const builder = new RowGroupBuilder();
  groups.forEach((group, index) => builder.add(viewRow(clientRow({ age: index })), group));
  return builder;
}

test('rows are counted by group', () => {
  const groups = builderOf(0, 1, 0, 2, 0).finish((group) => 'abc'[group]);
  expect([...groups.entries()]).toEqual([
    ['a', 3],
    ['b', 1],
    ['c', 1],
  ]);
  expect([groups.size, groups.rows, groups.countOf('a'), groups.countOf('x')]).toEqual([3, 5, 3, 0]);
});

test('groups with the same key are one, with all of their rows', () => {
  const groups = builderOf(0, 1, 2, 2).finish((group) => (group === 1 ? 'b' : 'a'));
  expect(Object.fromEntries(groups.entries())).toEqual({ a: 3, b: 1 });
  expect(groups.figuresOf(['b', 'a'])).toMatchObject([
    { count: 1, oldestSeconds: 1, memoryBytes: 2_000 },
    { count: 3, oldestSeconds: 3, memoryBytes: 6_000 },
  ]);
  expect(['a', 'b', 'x'].map(groups.firstWith)).toEqual([0, 1, undefined]);
});

test('groups without a key are left out', () => {
  const groups = builderOf(0, 1, 1).finish((group) => (group === 0 ? 'a' : undefined));
  expect([[...groups.entries()], groups.rows]).toEqual([[['a', 1]], 1]);
});

test('without rows there are no groups', () => {
  expect(builderOf().finish(() => 'a').size).toBe(0);
});
