import { describe, expect, test } from 'vitest';
import { viewRow } from '../../../../src/doctor/client-list/client-row.js';
import {
  attributionKey,
  groupKeys,
  isAttributionKey,
  rowKey,
} from '../../../../src/doctor/group/group-keys.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';
import { listOf } from '../../../support/unit/doctor/group/sources.js';

const row = viewRow(
  clientRow({
    ...{ name: 'orders', ip: '10.0.0.1', user: 'ann', cmd: 'get', db: 3 },
    ...{ libName: 'ioredis', libVer: '5.4.1', target: 'elsewhere' },
  }),
);
const source = listOf('list.txt', []);

test.each([
  ['name', 'orders'],
  ['ip', '10.0.0.1'],
  ['user', 'ann'],
  ['cmd', 'get'],
  ['db', '3'],
  ['lib', 'ioredis 5.4.1'],
  ['target', 'list.txt'],
] as const)('a row by %s', (key, value) => {
  expect(rowKey(key)(row, source)).toBe(value);
});

test('a library without a version, and none', () => {
  const lib = rowKey('lib');
  expect(lib(viewRow(clientRow({ libName: 'jedis' })), source)).toBe('jedis');
  expect(lib(viewRow(clientRow()), source)).toBe('');
});

describe('an attribution', () => {
  const attribution = {
    owner: 'orders@web-1',
    source: 'name',
    confidence: 'certain',
    service: 'orders',
  } as const;

  test.each([
    ['owner', 'orders@web-1'],
    ['service', 'orders'],
    ['host', ''],
    ['role', ''],
  ] as const)('by %s', (key, value) => {
    expect(attributionKey(key)(attribution)).toBe(value);
  });
});

test('a key is of the attribution or of the row', () => {
  expect(groupKeys.filter(isAttributionKey)).toEqual(['owner', 'service', 'host', 'role']);
  expect(groupKeys).toHaveLength(11);
});
