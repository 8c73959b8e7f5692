import { expect, test } from 'vitest';
import { PeerColumns } from '../../../../src/doctor/attribution/peer-columns.js';
import { peer } from '../../../support/unit/doctor/attribution/peers.js';

const all = [
  peer(),
  peer({ name: 'orders', libName: 'ioredis' }),
  peer({ ip: '127.0.0.1', port: 0, laddr: '127.0.0.1:6379' }),
  peer({ ip: '127.0.0.1', port: 65_535, laddr: '127.0.0.1:6379' }),
  peer({ ip: '10.0.0.9', port: 6380, kind: 'master' }),
];

test('peers are returned as they were added, by number and in their order', () => {
  const columns = new PeerColumns();
  expect(all.map((one) => columns.add(one))).toEqual([0, 1, 2, 3, 4]);
  expect(all.map((_, number) => columns.at(number))).toEqual(all);
  expect([...columns]).toEqual(all);
  expect(columns.length).toBe(all.length);
});

test('there is no peer with any other number', () => {
  const columns = new PeerColumns();
  columns.add(peer());
  expect([columns.at(-1), columns.at(1), columns.at(NaN)]).toEqual([undefined, undefined, undefined]);
});
