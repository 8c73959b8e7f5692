import { describe, expect, test } from 'vitest';
import { viewRow } from '../../../../src/doctor/client-list/client-row.js';
import {
  attributionKeyOf,
  groupKeys,
  isAttributionKey,
  isSourceKey,
  ownerAccordingTo,
  rowKeyOf,
} from '../../../../src/doctor/group/group-keys.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';
import { listSource } from '../../../support/unit/doctor/group/sources.js';

const row = viewRow(
  clientRow({
    ...{ name: 'orders', ip: '10.0.0.1', user: 'ann', cmd: 'get', db: 3 },
    ...{ libName: 'ioredis', libVer: '5.4.1', target: 'elsewhere' },
  }),
);
const source = listSource('list.txt', []);

test.each([
  ['name', 'orders'],
  ['ip', '10.0.0.1'],
  ['user', 'ann'],
  ['cmd', 'get'],
  ['db', '3'],
  ['lib', 'ioredis 5.4.1'],
  ['target', 'list.txt'],
] as const)('rowKeyOf(%s) reads the row', (key, value) => {
  expect(rowKeyOf(key)(row, source)).toBe(value);
});

test('rowKeyOf(lib) allows for a missing version or library', () => {
  const lib = rowKeyOf('lib');
  expect(lib(viewRow(clientRow({ libName: 'jedis' })), source)).toBe('jedis');
  expect(lib(viewRow(clientRow()), source)).toBe('');
});

describe('attributionKeyOf reads the attribution', () => {
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
    expect(attributionKeyOf(key)(attribution)).toBe(value);
  });
});

test('owner, service, host and role are keys of the attribution', () => {
  expect(groupKeys.filter(isAttributionKey)).toEqual(['owner', 'service', 'host', 'role']);
  expect(groupKeys.filter(isSourceKey)).toEqual(['container', 'pod', 'process']);
  expect(groupKeys).toHaveLength(14);
});

test('ownerAccordingTo reads one source, unless it knows several owners', () => {
  const name = { owner: 'orders@web-1', source: 'name', confidence: 'certain' } as const;
  const container = { owner: 'shop-orders-1', source: 'container', confidence: 'likely' } as const;
  expect(ownerAccordingTo('container', [name, container])).toBe('shop-orders-1');
  expect(ownerAccordingTo('pod', [name, container])).toBe('');
  expect(ownerAccordingTo('container', [name, { ...container, confidence: 'ambiguous' }])).toBe('');
});
