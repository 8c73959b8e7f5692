import { describe, expect, test } from 'vitest';
import { type ClientRow, viewRow } from '../../../../src/doctor/client-list/client-row.js';
import { parseFilter } from '../../../../src/doctor/group/row-filter.js';
import { thrown } from '../../../support/unit/thrown.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

/** Whether a filter lets a row through. */
function holds(filter: string, row: Partial<ClientRow>): boolean {
  return parseFilter(filter)(viewRow(clientRow(row)));
}

describe('numbers', () => {
  test.each<[string, readonly boolean[]]>([
    ['id>5', [false, false, true]],
    ['id<5', [true, false, false]],
    ['id>=5', [false, true, true]],
    ['id<=5', [true, true, false]],
    ['id=5', [false, true, false]],
    ['id!=5', [true, false, true]],
  ])('%s of 4, 5 and 6', (filter, expected) => {
    expect([4, 5, 6].map((id) => holds(filter, { id }))).toEqual(expected);
  });

  test('of another size are compared as numbers, not as texts', () => {
    expect(holds('omem>9', { omem: 10 })).toBe(true);
    expect(holds('tot-mem<10', { totMem: 9 })).toBe(true);
    expect(holds('multi<0', { multi: -1 })).toBe(true);
  });

  test.each<[string, Partial<ClientRow>, boolean]>([
    ['idle=1h', { idle: 3600 }, true],
    ['idle=1h', { idle: 60 }, false],
    ['idle!=60m', { idle: 3600 }, false],
    ['age=90s', { age: 90 }, true],
    ['db=01', { db: 1 }, true],
    ['multi=-1', { multi: -1 }, true],
    ['id=1*', { id: 12 }, true],
    ['qbuf=', {}, true],
    ['qbuf=0', {}, false],
    ['qbuf!=0', {}, true],
    ['name=0x10', { name: '0x10' }, true],
    ['lib-ver=5', { libVer: '5' }, true],
  ])('%s of %j: %j', (filter, row, expected) => {
    expect(holds(filter, row)).toBe(expected);
  });

  test.each(['db=0x10', 'id!=1e3', 'id>0x10', 'omem<=1e3', 'idle=1e3', 'idle>0x10', 'db=zero', 'id> '])(
    'are not what %s has',
    (filter) => {
      expect(thrown('HYG_CLI_USAGE', () => parseFilter(filter)).message).toMatch(
        /is no number, such as 3600/,
      );
    },
  );

  test('of a field that the row does not have hold for nothing', () => {
    for (const operator of ['>', '<', '>=', '<=']) expect(holds(`qbuf${operator}0`, {})).toBe(false);
  });
});

describe('seconds', () => {
  test.each([
    ['idle>3600', [false, true]],
    ['idle>1h', [false, true]],
    ['idle>=1h', [true, true]],
    ['idle<=60m', [true, false]],
    ['idle>0.5h', [true, true]],
  ])('%s of 3600 and 3601', (filter, expected) => {
    expect([3600, 3601].map((idle) => holds(filter, { idle }))).toEqual(expected);
  });

  test('age too', () => {
    expect(holds('age>2d', { age: 172_801 })).toBe(true);
    expect(holds('age>2d', { age: 172_800 })).toBe(false);
  });
});

describe('texts', () => {
  test.each([
    ['name=', '', true],
    ['name=', 'a', false],
    ['name!=', '', false],
    ['name!=', 'a', true],
    ['name=orders', 'orders', true],
    ['name=orders', 'orders-2', false],
    ['name=orders*', 'orders', true],
    ['name=orders*', 'orders-2', true],
    ['name=*-2', 'orders-2', true],
    ['name=o*r*-2', 'orders-2', true],
    ['name=o*x*-2', 'orders-2', false],
    ['name=*', '', true],
    ['name!=*orders*', 'my-orders-2', false],
    ['name=a=b', 'a=b', true],
    ['name==', '=', true],
    ['name=a.c', 'abc', false],
    ['name=a.*', 'abc', false],
    ['name=(a|b)*', 'a', false],
    ['name=[a]\\*', '[a]\\b', true],
    ['name=Orders', 'orders', false],
  ])('%s on "%s"', (filter, name, expected) => {
    expect(holds(filter, { name })).toBe(expected);
  });

  test('an address has its host apart', () => {
    expect(holds('ip=10.0.*', { ip: '10.0.3.4', port: 1 })).toBe(true);
    expect(holds('ip=10.0.*', { ip: '110.0.3.4', port: 1 })).toBe(false);
    expect(holds('addr=*:4711', { port: 4711 })).toBe(true);
    expect(holds('lib-name=ioredis*', { libName: 'ioredis(bull)' })).toBe(true);
  });
});

test('all conditions must hold, however many blanks are between them', () => {
  const filter = '  idle>1h\tname=   cmd=ping\n';
  const row = { idle: 3601, name: '', cmd: 'ping' };
  expect(holds(filter, row)).toBe(true);
  for (const other of [{ idle: 1 }, { name: 'a' }, { cmd: 'get' }])
    expect(holds(filter, { ...row, ...other })).toBe(false);
});

describe('what is none', () => {
  test.each([
    ['', 'has "": it is empty'],
    [' \t', 'it is empty'],
    ['idle', 'has "idle": it is no field, operator and value'],
    ['>5', 'it is no field'],
    ['idle >5', 'has "idle"'],
    ['IDLE>5', 'it is no field'],
    ['idel>5', 'no field "idel" (id, addr, ip,'],
    ['name= idel=5', 'has "idel=5"'],
    ['idle>', 'has "idle>": "" is no number'],
    ['idle>soon', '"soon" is no number'],
    ['idle>-5', '"-5" is no number'],
    ['db>', '"" is no number'],
    ['db>one', 'has "db>one": "one" is no number'],
    ['omem>1h', '"1h" is no number'],
  ])('"%s"', (filter, words) => {
    const { message } = thrown('HYG_CLI_USAGE', () => parseFilter(filter));
    expect(message).toContain(words);
    expect(message).toContain(
      "Expected conditions such as 'idle>3600 name= ip=10.0.*', all of which must hold.",
    );
  });
});
