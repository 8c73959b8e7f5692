import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../src/doctor/attribution/attribution.js';
import { type ClientRow, viewRow } from '../../../../src/doctor/client-list/client-row.js';
import { parseFilter } from '../../../../src/doctor/group/row-filter.js';
import { thrown } from '../../../support/unit/thrown.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

/** Whether a row matches a filter. */
function matches(filter: string, row: Partial<ClientRow>): boolean {
  return parseFilter(filter).matchesRow(viewRow(clientRow(row)));
}

describe('a number', () => {
  test.each<[string, readonly boolean[]]>([
    ['id>5', [false, false, true]],
    ['id<5', [true, false, false]],
    ['id>=5', [false, true, true]],
    ['id<=5', [true, true, false]],
    ['id=5', [false, true, false]],
    ['id!=5', [true, false, true]],
  ])('%s of 4, 5 and 6', (filter, expected) => {
    expect([4, 5, 6].map((id) => matches(filter, { id }))).toEqual(expected);
  });

  test('is not compared as text', () => {
    expect(matches('omem>9', { omem: 10 })).toBe(true);
    expect(matches('tot-mem<10', { totMem: 9 })).toBe(true);
    expect(matches('multi<0', { multi: -1 })).toBe(true);
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
    expect(matches(filter, row)).toBe(expected);
  });

  test.each(['db=0x10', 'id!=1e3', 'id>0x10', 'omem<=1e3', 'idle=1e3', 'idle>0x10', 'db=zero', 'id> '])(
    'is missing in %s',
    (filter) => {
      expect(thrown('HYG_CLI_USAGE', () => parseFilter(filter)).message).toMatch(
        /is not a number such as 3600/,
      );
    },
  );

  test('of a missing field matches no comparison', () => {
    for (const operator of ['>', '<', '>=', '<=']) expect(matches(`qbuf${operator}0`, {})).toBe(false);
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
    expect([3600, 3601].map((idle) => matches(filter, { idle }))).toEqual(expected);
  });

  test('also apply to age', () => {
    expect(matches('age>2d', { age: 172_801 })).toBe(true);
    expect(matches('age>2d', { age: 172_800 })).toBe(false);
  });
});

describe('text', () => {
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
    expect(matches(filter, { name })).toBe(expected);
  });

  test('ip is the address without its port', () => {
    expect(matches('ip=10.0.*', { ip: '10.0.3.4', port: 1 })).toBe(true);
    expect(matches('ip=10.0.*', { ip: '110.0.3.4', port: 1 })).toBe(false);
    expect(matches('addr=*:4711', { port: 4711 })).toBe(true);
    expect(matches('lib-name=ioredis*', { libName: 'ioredis(bull)' })).toBe(true);
  });
});

describe('owner, service, host and role', () => {
  const attribution: Attribution = {
    owner: 'orders@web-1',
    service: 'orders',
    source: 'name',
    confidence: 'certain',
  };

  test.each([
    ['owner=orders@web-1', true],
    ['owner=orders@*', true],
    ['owner!=orders@*', false],
    ['service=orders', true],
    ['service=orders host=', true],
    ['role=pool', false],
    ['role!=pool', true],
    ['service=orders role=pool', false],
  ])('%s: %j', (filter, expected) => {
    const { matchesAttribution, matchesRow } = parseFilter(filter);
    expect(matchesAttribution?.(attribution)).toBe(expected);
    expect(matchesRow(viewRow(clientRow()))).toBe(true);
  });

  test('are not looked up for a filter on the row alone', () => {
    expect(parseFilter('idle>5').matchesAttribution).toBeUndefined();
  });
});

test('all conditions must hold, whatever space is between them', () => {
  const filter = '  idle>1h\tname=   cmd=ping\n';
  const row = { idle: 3601, name: '', cmd: 'ping' };
  expect(matches(filter, row)).toBe(true);
  for (const other of [{ idle: 1 }, { name: 'a' }, { cmd: 'get' }])
    expect(matches(filter, { ...row, ...other })).toBe(false);
});

describe('rejects the filter', () => {
  test.each([
    ['', 'has "": it is empty'],
    [' \t', 'it is empty'],
    ['idle', 'has "idle": it is not a field, an operator and a value'],
    ['>5', 'it is not a field'],
    ['idle >5', 'has "idle"'],
    ['IDLE>5', 'it is not a field'],
    ['idel>5', 'no field "idel" (owner, service, host, role, id, addr, ip,'],
    ['owner>5', '"owner" is text, which only = and != compare'],
    ['name= idel=5', 'has "idel=5"'],
    ['idle>', 'has "idle>": "" is not a number'],
    ['idle>soon', '"soon" is not a number'],
    ['idle>-5', '"-5" is not a number'],
    ['db>', '"" is not a number'],
    ['db>one', 'has "db>one": "one" is not a number'],
    ['omem>1h', '"1h" is not a number'],
  ])('"%s"', (filter, problem) => {
    const { message } = thrown('HYG_CLI_USAGE', () => parseFilter(filter));
    expect(message).toContain(problem);
    expect(message).toContain(
      "Expected conditions such as 'idle>3600 name= ip=10.0.*', all of which must hold.",
    );
  });
});
