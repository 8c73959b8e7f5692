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

/** Reads one line, and gives what comes of its row before the next one is read. */
function onRow<T>(line: string, take: (row: RowView) => T): T {
  const taken: T[] = [];
  const reader = createRowReader((row) => taken.push(take(row)));
  reader.write(Buffer.from(`${line}\n`));
  reader.end();
  return taken[0] as T;
}

const kept = (line: string): ClientRow => onRow(line, (row) => keepRow(row, 'list.txt'));

test('a row is kept with all that this program looks at', () => {
  const line =
    'id=9 addr=10.0.0.1:4711 laddr=10.0.0.2:6379 fd=8 name=a=b age=7 idle=3 flags=Pb db=2 sub=1 psub=2 ssub=3 ' +
    'multi=0 omem=20 tot-mem=2000 events=r cmd=client|list user=ann lib-name=ioredis lib-ver=5.4.1';
  expect(kept(line)).toEqual({
    ...{ id: 9, addr: '10.0.0.1:4711', ip: '10.0.0.1', port: 4711, laddr: '10.0.0.2:6379', name: 'a=b' },
    ...{ age: 7, idle: 3, flags: 'Pb', db: 2, sub: 1, psub: 2, ssub: 3, multi: 0, omem: 20, totMem: 2000 },
    ...{ cmd: 'client|list', user: 'ann', libName: 'ioredis', libVer: '5.4.1', target: 'list.txt' },
  });
});

describe('what a server does not tell', () => {
  test('is 0 or no text; there is no MULTI, and no id', () => {
    expect(kept('addr=10.0.0.1:4711')).toEqual({
      ...{ id: NaN, addr: '10.0.0.1:4711', ip: '10.0.0.1', port: 4711, laddr: '', name: '', age: 0, idle: 0 },
      ...{ flags: '', db: 0, sub: 0, psub: 0, ssub: 0, multi: -1, omem: 0, totMem: 0, cmd: '', user: '' },
      ...{ libName: '', libVer: '', target: 'list.txt' },
    });
  });

  test('nor is what it tells in other words than numbers', () => {
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

describe('a kept row that is looked at', () => {
  const told = [...'id addr ip laddr name age idle flags db sub psub ssub multi omem'.split(' ')].concat(
    ...'tot-mem cmd user lib-name lib-ver'.split(' '),
  );

  test('says what the row said that it was kept of', () => {
    let rows = 0;
    for (const { bytes } of fixtures.filter(({ file }) => file !== 'made-up.txt')) {
      const reader = createRowReader((row) => {
        rows += 1;
        const view = viewRow(keepRow(row, ''));
        // An id of 64 bits is none that a number can hold.
        const had = told.filter((field) => row.text(field) !== '' && !(row.number(field) > 2 ** 53));
        for (const field of had) {
          expect(view.text(field)).toBe(row.text(field));
          expect(view.number(field)).toBe(field === 'name' ? view.number(field) : numberOf(row, field));
        }
      });
      reader.write(bytes);
      reader.end();
    }
    expect(rows).toBeGreaterThan(100);
  });

  test('says nothing of a field that is not kept', () => {
    const view = viewRow(clientRow());
    const others = clientListFields.filter((field) => !told.includes(field));
    expect(others.length).toBeGreaterThan(10);
    for (const field of others) expect([view.text(field), view.number(field)]).toEqual(['', NaN]);
  });
});

/** Only whole numbers are numbers in both. */
function numberOf(row: RowView, field: string): number {
  const text = row.text(field);
  return /^-?\d+$/.test(text) ? row.number(field) : Number(text);
}
