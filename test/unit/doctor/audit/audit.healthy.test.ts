import { expect, test } from 'vitest';
import { clientRow } from '../../../support/unit/doctor/rows.js';
import { codesOf, examination, kept } from '../../../support/unit/doctor/audit/examinations.js';
import {
  asking,
  busy,
  healthy,
  hygienic,
  javaPools,
  leaked,
  links,
  together,
} from '../../../support/unit/doctor/audit/fleets.js';

const CONFIG = {
  ...{ maxclients: '10000', 'tcp-keepalive': '300', timeout: '0' },
  'client-output-buffer-limit': 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
};

const info = { connected_clients: '250', total_connections_received: '900', rejected_connections: '0' };

test('a healthy server gives no findings', () => {
  expect(codesOf(examination({ rows: healthy(), config: CONFIG, info }))).toEqual([]);
});

test('nor does its CLIENT LIST in a file', () => {
  expect(codesOf(kept(healthy()))).toEqual([]);
});

test('nor does a second look', () => {
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

test('nor does one that was started a moment ago', () => {
  const rows = healthy().map((row) => ({ ...row, age: row.age % 4, idle: 0 }));
  expect(codesOf(examination({ rows, config: CONFIG, info: { ...info, uptime_in_seconds: '5' } }))).toEqual(
    [],
  );
  expect(codesOf(kept(rows))).toEqual([]);
});

test.each([
  ['nobody', []],
  ['the doctor alone', asking()],
  ['three clients', together(busy(2, '127.0.0.1'), asking())],
  ['links alone', together(links(), asking())],
  ['rows without figures', [clientRow({ id: NaN, age: 0, idle: 0, flags: '', cmd: '' })]],
])('nor does a server with %s', (_, rows) => {
  expect(codesOf(examination({ rows, config: CONFIG, info }))).toEqual([]);
  expect(codesOf(kept(rows))).toEqual([]);
});

test.each([
  ['three clients', together(busy(3, '127.0.0.1'), asking())],
  [
    'one process with four nameless connections',
    together(busy(4, '127.0.0.1'), busy(1, '10.0.0.1'), asking()),
  ],
  ['one process that has not used its four', together(leaked(4, '127.0.0.1'), asking())],
])('nor does a small server with %s', (_, rows) => {
  const config = { ...CONFIG, maxclients: '20' };
  const few = { ...info, connected_clients: String(rows.length) };
  expect(codesOf(examination({ rows, config, info: few }))).toEqual([]);
  const earlier = { rows: asking(), seconds: 10 };
  expect(codesOf(examination({ rows, config, info: few, earlier }))).toEqual([]);
});

test('nor do many hosts with a pool’s reserve each', () => {
  const rows = together(javaPools(40), hygienic('orders', 40));
  expect(codesOf(examination({ rows, config: CONFIG, info }))).toEqual([]);
});

test('nor does a proxy or a gateway behind which a fleet hides', () => {
  const owner = { owner: '172.18.0.1', source: 'address', confidence: 'ambiguous', note: 'gateway' } as const;
  const rows = together(busy(900, '172.18.0.1'), leaked(120, '172.18.0.1'));
  expect(codesOf(examination({ rows, config: CONFIG, info, ownerOf: () => owner }))).toEqual([]);
});

test('nor does a server that has not been asked for anything but its rows', () => {
  expect(codesOf(examination({ rows: healthy() }))).toEqual([]);
});

test('nor does a configuration file that says nothing', () => {
  expect(codesOf({ ...kept([]), kind: 'sentinel-conf', target: 'sentinel.conf' })).toEqual([]);
});
