import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClientRow, type RowView, viewRow } from '../../../../src/doctor/client-list/client-row.js';
import { type GroupFigures, RowStatistics } from '../../../../src/doctor/group/group-statistics.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

/** The figures of all rows. */
function figures(rows: readonly Partial<ClientRow>[]): GroupFigures {
  const statistics = new RowStatistics();
  for (const row of rows) statistics.add(viewRow(clientRow(row)));
  return statistics.figuresOf(Uint32Array.from(rows.keys()));
}

const idles = (...values: number[]) => values.map((idle) => ({ idle }));

describe('the median idle time', () => {
  test.each([
    [[5], 5],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2],
    [[7, 7, 7, 1], 7],
    [[0, 0, 100], 0],
    [[10, 9, 100, 2], 9],
  ])('of %j is %d', (values, median) => {
    expect(figures(idles(...values)).medianIdleSeconds).toBe(median);
  });

  test('is the middle value, whatever the order of the rows', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 }), { minLength: 1 }), (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        const middle = sorted[Math.ceil(sorted.length / 2) - 1];
        expect(figures(idles(...values)).medianIdleSeconds).toBe(middle);
      }),
    );
  });
});

test('figures contain the greatest age, the memory, and counts of commands and flags', () => {
  const rows = [
    { age: 30, totMem: 1_000, cmd: 'get', flags: 'N' },
    { age: 90, totMem: 2_000, cmd: 'ping', flags: 'P' },
    { age: 60, totMem: 3_000, cmd: 'ping', flags: 'N' },
    { age: 1, totMem: 0, cmd: 'auth', flags: 'N' },
  ];
  expect(figures(rows)).toEqual({
    ...{ count: 4, oldestSeconds: 90, medianIdleSeconds: 1, memoryBytes: 6_000 },
    commands: [
      { value: 'ping', count: 2 },
      { value: 'auth', count: 1 },
      { value: 'get', count: 1 },
    ],
    flags: [
      { value: 'N', count: 3 },
      { value: 'P', count: 1 },
    ],
  });
});

test('figures of no rows are 0', () => {
  const expected = {
    count: 0,
    oldestSeconds: 0,
    medianIdleSeconds: 0,
    memoryBytes: 0,
    commands: [],
    flags: [],
  };
  expect(figures([])).toEqual(expected);
});

test('a missing field counts as 0, or as empty text', () => {
  const bare: RowView = { text: () => '', rawText: () => '', number: () => NaN };
  const statistics = new RowStatistics();
  statistics.add(bare);
  const none = [{ value: '', count: 1 }];
  const expected = {
    count: 1,
    oldestSeconds: 0,
    medianIdleSeconds: 0,
    memoryBytes: 0,
    commands: none,
    flags: none,
  };
  expect(statistics.figuresOf(Uint32Array.of(0))).toEqual(expected);
});

test('figures are those of the chosen rows only', () => {
  const statistics = new RowStatistics();
  for (const idle of [5, 1, 9]) statistics.add(viewRow(clientRow({ idle, age: idle, cmd: `c${idle}` })));
  expect(statistics.figuresOf(Uint32Array.of(0, 2))).toMatchObject({
    count: 2,
    oldestSeconds: 9,
    medianIdleSeconds: 5,
  });
  expect(statistics.figuresOf(Uint32Array.of(1)).commands).toEqual([{ value: 'c1', count: 1 }]);
});
