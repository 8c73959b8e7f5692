import { expect, test } from 'vitest';
import { clientRow } from '../../../support/unit/doctor/rows.js';
import { codesOf, examination, saved } from '../../../support/unit/doctor/audit/examinations.js';
import {
  doctorRows,
  busy,
  healthy,
  hygienic,
  javaPools,
  leaked,
  serverLinks,
  together,
} from '../../../support/unit/doctor/audit/fleets.js';

const CONFIG = {
  ...{ maxclients: '10000', 'tcp-keepalive': '300', timeout: '0' },
  'client-output-buffer-limit': 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
};

const info = { connected_clients: '250', total_connections_received: '900', rejected_connections: '0' };

test('a healthy server has no findings', () => {
  expect(codesOf(examination({ rows: healthy(), config: CONFIG, info }))).toEqual([]);
});

test('a saved list of a healthy server has no findings', () => {
  expect(codesOf(saved(healthy()))).toEqual([]);
});

test('a second sample of a healthy server has no findings', () => {
  const rows = healthy();
  const later = rows.map((row) => ({
    ...row,
    age: row.age + 10,
    idle: row.flags === 'b' ? row.idle + 10 : row.idle,
  }));
  expect(
    codesOf(examination({ rows: later, config: CONFIG, info, earlier: { rows, info, seconds: 10 } })),
  ).toEqual([]);
});

test('a server that has just been started has no findings', () => {
  const rows = healthy().map((row) => ({ ...row, age: row.age % 4, idle: 0 }));
  expect(codesOf(examination({ rows, config: CONFIG, info: { ...info, uptime_in_seconds: '5' } }))).toEqual(
    [],
  );
  expect(codesOf(saved(rows))).toEqual([]);
});

test.each([
  ['no clients', []],
  ['only the doctor', doctorRows()],
  ['three clients', together(busy(2, '127.0.0.1'), doctorRows())],
  ['only connections of other servers', together(serverLinks(), doctorRows())],
  ['rows without numbers', [clientRow({ id: NaN, age: 0, idle: 0, flags: '', cmd: '' })]],
])('a server with %s has no findings', (_, rows) => {
  expect(codesOf(examination({ rows, config: CONFIG, info }))).toEqual([]);
  expect(codesOf(saved(rows))).toEqual([]);
});

test.each([
  ['three clients', together(busy(3, '127.0.0.1'), doctorRows())],
  [
    'one process with four unnamed connections',
    together(busy(4, '127.0.0.1'), busy(1, '10.0.0.1'), doctorRows()),
  ],
  ['one process that has not used its four connections', together(leaked(4, '127.0.0.1'), doctorRows())],
])('a small server with %s has no findings', (_, rows) => {
  const config = { ...CONFIG, maxclients: '20' };
  const fewClients = { ...info, connected_clients: String(rows.length) };
  expect(codesOf(examination({ rows, config, info: fewClients }))).toEqual([]);
  const earlier = { rows: doctorRows(), seconds: 10 };
  expect(codesOf(examination({ rows, config, info: fewClients, earlier }))).toEqual([]);
});

test('many hosts with the idle connections of one pool each have no findings', () => {
  const rows = together(javaPools(40), hygienic('orders', 40));
  expect(codesOf(examination({ rows, config: CONFIG, info }))).toEqual([]);
});

test('a shared address of a whole fleet has no findings', () => {
  const owner = { owner: '172.18.0.1', source: 'address', confidence: 'ambiguous', note: 'gateway' } as const;
  const rows = together(busy(900, '172.18.0.1'), leaked(120, '172.18.0.1'));
  expect(codesOf(examination({ rows, config: CONFIG, info, ownerOf: () => owner }))).toEqual([]);
});

test('a server whose rows alone are known has no findings', () => {
  expect(codesOf(examination({ rows: healthy() }))).toEqual([]);
});

test('an empty configuration file has no findings', () => {
  expect(codesOf({ ...saved([]), kind: 'sentinel-conf', target: 'sentinel.conf' })).toEqual([]);
});
