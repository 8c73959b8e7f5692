import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRows } from '../../../../support/unit/doctor/rows.js';
import { examination, findingsOf } from '../../../../support/unit/doctor/audit/examinations.js';
import { healthy, together } from '../../../../support/unit/doctor/audit/fleets.js';

const LEAKING = '172.18.0.50';

const before = () =>
  together(
    healthy(),
    clientRows(40, () => ({ ip: LEAKING, age: 400, idle: 2 })),
  );

function after(opened: number, given: Partial<ClientRow> = {}): ClientRow[] {
  const earlier = before();
  const young = clientRows(opened, (index) => ({
    ...{
      ip: LEAKING,
      age: index % 9,
      idle: index % 9,
      cmd: 'ping',
      id: earlier.length + index + 1,
      ...given,
    },
  }));
  return [...earlier.map((row) => ({ ...row, age: row.age + 10 })), ...young];
}

const growthFindings = (rows: readonly ClientRow[], rest: Parameters<typeof examination>[0] = {}) =>
  findingsOf('growth', examination({ rows, earlier: { rows: before(), seconds: 10 }, ...rest }));

test('an owner that opens connections and does not use them is reported', () => {
  const [finding, ...others] = growthFindings(after(30));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ severity: 'warning', owner: LEAKING });
  expect(finding?.evidence).toMatchObject({ connections: 70, earlier: 40, grown: 30, perMinute: 180 });
  expect(finding?.summary).toBe(
    '172.18.0.50 grew from 40 to 70 connections in 10s; 30 of the 30 new ones are not in use.',
  );
});

test('fewer than 30 new connections are not reported', () => {
  expect(growthFindings(after(29))).toEqual([]);
});

test('growth of less than a tenth is not reported', () => {
  const many = (count: number) => clientRows(count, () => ({ ip: LEAKING, age: 400, idle: 2 }));
  const young = clientRows(99, (index) => ({ ip: LEAKING, age: 1, idle: 1, id: 2_000 + index }));
  expect(growthFindings([...many(1_000), ...young], { earlier: { rows: many(1_000), seconds: 10 } })).toEqual(
    [],
  );
});

test('new connections in use are reported if there are 100, and the owner has doubled', () => {
  const used = { age: 8, idle: 0, cmd: 'get' };
  expect(growthFindings(after(99, used))).toEqual([]);
  expect(growthFindings(after(100, used))).toMatchObject([{ evidence: { grown: 100 } }]);
  const many = clientRows(101, () => ({ ip: LEAKING, age: 400, idle: 2 }));
  const young = clientRows(100, (index) => ({ ip: LEAKING, id: 900 + index, ...used }));
  expect(growthFindings([...many, ...young], { earlier: { rows: many, seconds: 10 } })).toEqual([]);
});

test('blocked workers count as in use', () => {
  expect(growthFindings(after(60, { flags: 'b', cmd: 'blpop' }))).toEqual([]);
});

test('a new owner is reported from 50 unused connections', () => {
  expect(growthFindings(after(49, { ip: '172.18.0.51' }))).toEqual([]);
  expect(growthFindings(after(60, { ip: '172.18.0.51', age: 8, idle: 0, cmd: 'get' }))).toEqual([]);
  const [finding] = growthFindings(after(50, { ip: '172.18.0.51' }));
  expect(finding).toMatchObject({ owner: '172.18.0.51', evidence: { connections: 50, earlier: 0 } });
  expect(finding?.summary).toBe(
    '172.18.0.51 grew from 0 to 50 connections in 10s; 50 of the 50 new ones are not in use.',
  );
});

test('an owner with a new name and old connections is not reported', () => {
  const rows = clientRows(60, () => ({ ip: LEAKING, age: 400, idle: 400 }));
  const renamed = rows.map((row) => ({ ...row, ip: '172.18.0.51' }));
  expect(growthFindings(renamed, { earlier: { rows, seconds: 10 } })).toEqual([]);
});

describe('in one sample', () => {
  /** Connections in use that one owner opened in the last half hour, beside older ones. */
  const opened = (count: number, given: (index: number) => Partial<ClientRow> = () => ({})) => [
    ...together(healthy()),
    ...clientRows(count, (index) => {
      const age = Math.round(1_800 * (1 - index / count));
      return { id: 10_000 + index, ip: LEAKING, age, idle: Math.min(age, 2), ...given(index) };
    }),
  ];
  const growthOf = (rows: readonly ClientRow[]) => findingsOf('growth', examination({ rows }));

  test('100 connections opened one after the other, and none closed, are reported even if they are in use', () => {
    expect(growthOf(opened(99))).toEqual([]);
    const [finding] = growthOf(opened(100));
    expect(finding).toMatchObject({ severity: 'warning', evidence: { connections: 100, perMinute: 3 } });
    expect(finding?.summary).toBe(
      '172.18.0.50 opened 100 connections one after the other in the last 30m, and closed none of them.',
    );
  });

  test.each<[string, (index: number) => Partial<ClientRow>]>([
    ['most of them were closed', (index) => ({ id: 10_000 + 2 * index })],
    ['they were opened together', (index) => ({ age: index < 50 ? 1_800 : 900 })],
    ['no new ones are opened any more', (index) => ({ age: 1_800 - index })],
    ['ids and ages disagree', (index) => ({ id: 10_000 + ((index * 37) % 120) })],
    ['they were opened over a day', (index) => ({ age: 720 * (120 - index) })],
  ])('nothing is reported if %s', (_, given) => {
    expect(growthOf(opened(120, given))).toEqual([]);
  });
});

test('nothing is reported for one sample, or after a restart between two', () => {
  expect(findingsOf('growth', examination({ rows: after(60) }))).toEqual([]);
  const restarted = { rows: before(), info: { run_id: 'b' }, seconds: 10 };
  expect(growthFindings(after(60), { earlier: restarted })).toEqual([]);
});

test('rows without ids are not reported', () => {
  const rows = after(60).map((row) => ({ ...row, id: NaN }));
  expect(
    growthFindings(rows, { earlier: { rows: before().map((row) => ({ ...row, id: NaN })), seconds: 10 } }),
  ).toEqual([]);
});
