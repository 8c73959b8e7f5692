import { describe, expect, test } from 'vitest';
import { createRowReader } from '../../../../src/doctor/client-list/row-reader.js';
import {
  clientListFields,
  type ClientRow,
  keepRow,
  type RowView,
  viewRow,
} from '../../../../src/doctor/client-list/client-row.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';
import { fixtures } from '../../../support/unit/doctor/client-list/fixtures.js';

/** Reads one line, and returns the result of `take` for its row. */
function readLine<T>(line: string, take: (row: RowView) => T): T {
  const taken: T[] = [];
  const reader = createRowReader((row) => taken.push(take(row)));
  reader.write(Buffer.from(`${line}\n`));
  reader.end();
  return taken[0] as T;
}

const kept = (line: string): ClientRow => readLine(line, (row) => keepRow(row, 'list.txt'));

test('keepRow copies all fields of ClientRow', () => {
  const line =
    'id=9 addr=10.0.0.1:4711 laddr=10.0.0.2:6379 fd=8 name=a=b age=7 idle=3 flags=Pb db=2 sub=1 psub=2 ssub=3 ' +
    'multi=0 omem=20 tot-mem=2000 events=r cmd=client|list user=ann lib-name=ioredis lib-ver=5.4.1 tot-cmds=12';
  expect(kept(line)).toEqual({
    ...{ id: 9, addr: '10.0.0.1:4711', ip: '10.0.0.1', port: 4711, laddr: '10.0.0.2:6379', name: 'a=b' },
    ...{ age: 7, idle: 3, flags: 'Pb', db: 2, sub: 1, psub: 2, ssub: 3, multi: 0, omem: 20, totMem: 2000 },
    ...{
      cmd: 'client|list',
      user: 'ann',
      libName: 'ioredis',
      libVer: '5.4.1',
      totCmds: 12,
      target: 'list.txt',
    },
  });
});

describe('keepRow', () => {
  test('sets missing fields to 0 or empty text, multi to -1, id and totCmds to NaN', () => {
    expect(kept('addr=10.0.0.1:4711')).toEqual({
      ...{ id: NaN, addr: '10.0.0.1:4711', ip: '10.0.0.1', port: 4711, laddr: '', name: '', age: 0, idle: 0 },
      ...{ flags: '', db: 0, sub: 0, psub: 0, ssub: 0, multi: -1, omem: 0, totMem: 0, cmd: '', user: '' },
      ...{ libName: '', libVer: '', totCmds: NaN, target: 'list.txt' },
    });
  });

  test('treats values that are not numbers as missing', () => {
    const row = kept('id=x addr=10.0.0.1:4711 age=old idle= db=- multi=none');
    expect(row).toMatchObject({ id: NaN, age: 0, idle: 0, db: 0, multi: -1 });
  });
});

test.each([
  ['[fe80::1]:4711', 4711],
  ['/tmp/redis.sock:0', 0],
  ['/tmp/redis.sock', 0],
])('the port of %s', (addr, port) => {
  expect(kept(`id=1 addr=${addr}`).port).toBe(port);
});

describe('viewRow', () => {
  const keptFields = [
    ...'id addr ip laddr name age idle flags db sub psub ssub multi omem'.split(' '),
  ].concat(...'tot-mem cmd user lib-name lib-ver'.split(' '));

  test('returns the same values as the original row', () => {
    let rows = 0;
    for (const { bytes } of fixtures.filter(({ file }) => file !== 'made-up.txt')) {
      const reader = createRowReader((row) => {
        rows += 1;
        const view = viewRow(keepRow(row, ''));
        // A number cannot hold an id of 64 bits.
        const present = keptFields.filter(
          (field) => row.text(field) !== '' && !(row.number(field) > 2 ** 53),
        );
        for (const field of present) {
          expect(view.text(field)).toBe(row.text(field));
          expect(view.number(field)).toBe(field === 'name' ? view.number(field) : numberOf(row, field));
        }
      });
      reader.write(bytes);
      reader.end();
    }
    expect(rows).toBeGreaterThan(100);
  });

  test('returns nothing for a field that is not kept', () => {
    const view = viewRow(clientRow());
    const missing = clientListFields.filter((field) => !keptFields.includes(field));
    expect(missing.length).toBeGreaterThan(10);
    for (const field of missing) expect([view.text(field), view.number(field)]).toEqual(['', NaN]);
  });
});

/** The number of a field. A view also parses fractions, the cursor only whole numbers. */
function numberOf(row: RowView, field: string): number {
  const text = row.text(field);
  return /^-?\d+$/.test(text) ? row.number(field) : Number(text);
}
