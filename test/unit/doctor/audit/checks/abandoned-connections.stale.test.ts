import { expect, test } from 'vitest';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRows } from '../../../../support/unit/doctor/rows.js';
import { examination, findingsOf } from '../../../../support/unit/doctor/audit/examinations.js';
import { healthy, hygienic, together } from '../../../../support/unit/doctor/audit/fleets.js';

const orphans = (count: number, given: Partial<ClientRow> = {}) =>
  clientRows(count, (index) => ({
    ...{ ip: '172.18.1.1', name: 'orders@web-0#subscriber', flags: 'P', sub: 1, cmd: 'ping' },
    ...{ age: 9_000, idle: 60 + index, ...given },
  }));

const staleFindings = (rows: readonly ClientRow[], heartbeatSeconds = 15) =>
  findingsOf('stale-connections', examination({ rows }), { heartbeatSeconds });

test('one connection is a warning, ten are an error, and the longest idle is shown first', () => {
  const [one] = staleFindings(together(orphans(1), healthy()));
  expect(one).toMatchObject({ severity: 'warning', owner: 'orders@web-0' });
  expect(one?.summary).toBe(
    'orders@web-0 has 1 connection that has been silent for up to 1m. A running process sends a heartbeat over each connection every 15s, unless its heartbeatIntervalMs is longer (--heartbeat).',
  );
  const [ten] = staleFindings(together(orphans(10), healthy()));
  expect(ten).toMatchObject({ severity: 'error' });
  expect(ten?.evidence).toMatchObject({ connections: 10, longestIdleSeconds: 69 });
  expect(ten?.attribution).toMatchObject({ service: 'orders' });
  expect(ten?.examples.map(({ idle }) => idle)).toEqual([69, 68, 67]);
});

test('each owner has a finding of its own', () => {
  const other = orphans(3, { name: 'billing@web-9#pool', flags: 'N', sub: 0 });
  expect(staleFindings(together(orphans(2), other)).map(({ owner }) => owner)).toEqual([
    'billing@web-9',
    'orders@web-0',
  ]);
});

test('a longer heartbeat interval allows a longer silence', () => {
  expect(staleFindings(orphans(1), 15)).toHaveLength(1);
  expect(staleFindings(orphans(1), 20)).toEqual([]);
});

test('connections with a heartbeat are healthy, also if they are blocked for hours', () => {
  expect(staleFindings(hygienic('orders', 40))).toEqual([]);
});
