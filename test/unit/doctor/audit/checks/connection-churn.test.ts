import { describe, expect, test } from 'vitest';
import { clientRow, clientRows } from '../../../../support/unit/doctor/rows.js';
import {
  codesOf,
  examination,
  findingsOf,
  saved,
} from '../../../../support/unit/doctor/audit/examinations.js';
import { busy, doctorRows, healthy } from '../../../../support/unit/doctor/audit/fleets.js';

const PHP = '172.18.4.1';

/** Connections that stay, and the last ones of many short-lived connections. */
function churn(perSecond: number, seconds = 100) {
  const settled = clientRows(20, (index) => ({ ip: '172.18.0.5', id: index + 1, age: seconds, idle: 1 }));
  const last = 20 + perSecond * seconds;
  const brief = clientRows(4, (index) => ({ ip: PHP, id: last - index, age: 0, idle: 0, cmd: 'get' }));
  return [...settled, ...brief];
}

const churnFindings = (examinations: Parameters<typeof findingsOf>[1]) =>
  findingsOf('connection-per-request', examinations);

describe('in one sample', () => {
  test('ids that grow faster than the clients are reported', () => {
    const [finding, ...others] = churnFindings(saved(churn(50)));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'warning', owner: PHP });
    expect(finding?.evidence).toMatchObject({ seconds: 100, perSecond: 50, kept: 4 });
    expect(finding?.summary).toContain(
      'within 1m40s (50 per second), and 4 stayed open. Most of those seen belong to 172.18.4.1.',
    );
  });

  test('fewer than 10 connections per second are not reported', () => {
    expect(churnFindings(saved(churn(9)))).toEqual([]);
    expect(churnFindings(saved(churn(11)))).toHaveLength(1);
  });

  test('without a short-lived connection in the list there is no owner', () => {
    const rows = [...churn(50).filter(({ ip }) => ip !== PHP), { ...doctorRows()[0], id: 5_021 }];
    const [finding] = churnFindings(saved(rows as ReturnType<typeof churn>));
    expect(finding).toBeDefined();
    expect(finding).not.toHaveProperty('owner');
  });

  test('connections that stay open are not reported', () => {
    const rows = busy(2_000, '172.18.0.5', (index) => ({ id: index + 1, age: 2_000 - index }));
    expect(churnFindings(saved(rows))).toEqual([]);
  });

  test('ids are ignored if modules take them too', () => {
    const rows = churn(50);
    const info = { total_connections_received: '90' };
    expect(churnFindings(examination({ rows, info }))).toEqual([]);
    expect(churnFindings(examination({ rows, info: { total_connections_received: '5100' } }))).toHaveLength(
      1,
    );
  });

  test('nothing is reported if all rows are too young', () => {
    expect(churnFindings(saved(churn(50, 9)))).toEqual([]);
  });
});

describe('between two samples', () => {
  const infoWith = (received: number) => ({ total_connections_received: String(received) });
  const rows = busy(100, '172.18.0.5');

  test('received connections that are no longer there are counted', () => {
    const brief = clientRows(3, (index) => ({ ip: PHP, id: 2_000 + index, age: 0, idle: 0 }));
    const examinationWith = (received: number) =>
      examination({
        rows: [...rows, ...brief],
        info: infoWith(received),
        earlier: { rows, info: infoWith(500), seconds: 10 },
      });
    expect(churnFindings(examinationWith(1_000))).toHaveLength(1);
    expect(churnFindings(examinationWith(1_000))[0]).toMatchObject({
      owner: PHP,
      evidence: { perSecond: 50, kept: 3 },
    });
    expect(churnFindings(examinationWith(580))).toEqual([]);
  });

  test('ids are used if INFO is not allowed', () => {
    const later = [...rows, clientRow({ id: 700, age: 0, idle: 0 })];
    expect(churnFindings(saved(later, { earlier: { rows, seconds: 10 } }))).toHaveLength(1);
  });
});

describe('reconnect storm', () => {
  const storm = (hosts: number, each: number, age = 12) =>
    Array.from({ length: hosts }, (_, host) =>
      clientRows(each, (index) => ({ ip: `10.0.0.${host}`, id: 1_000 + host * each + index, age, idle: 0 })),
    ).flat();

  test('many owners that reconnected at once are reported', () => {
    const rows = [...busy(40, '172.18.0.5'), ...storm(8, 10)];
    const [finding] = findingsOf('reconnect-storm', examination({ rows }));
    expect(finding).toMatchObject({ severity: 'warning', evidence: { connections: 80, owners: 8, of: 120 } });
  });

  test('in a saved list, the oldest row gives the uptime', () => {
    expect(codesOf(saved([...busy(40, '172.18.0.5'), ...storm(8, 10)]))).toContain('reconnect-storm');
    expect(codesOf(saved(storm(8, 10)))).toEqual([]);
  });

  test.each([
    ['a server that has just been started', storm(8, 10), { uptime_in_seconds: '60' }],
    ['few owners', [...busy(20, '172.18.0.5'), ...storm(4, 20)], {}],
    ['one service that has restarted', [...busy(20, '172.18.0.5'), ...storm(5, 5), ...storm(1, 60)], {}],
    ['a part of the fleet', [...busy(90, '172.18.0.5'), ...storm(8, 10)], {}],
    ['connections that are older', storm(8, 10, 31), {}],
  ])('not reported: %s', (_, rows, info) => {
    expect(findingsOf('reconnect-storm', examination({ rows, info }))).toEqual([]);
  });

  test('two samples show replaced connections of any age', () => {
    const rows = storm(8, 10, 9_000);
    const later = rows.map((row) => ({ ...row, id: row.id + 100, age: 40 }));
    const stormFindings = (now: typeof rows) =>
      findingsOf('reconnect-storm', examination({ rows: now, earlier: { rows, seconds: 60 } }));
    expect(stormFindings(later)[0]?.summary).toContain(
      'were lost within 1m, and their owners have reconnected',
    );
    expect(stormFindings(rows)).toEqual([]);
    expect(stormFindings(later.slice(0, 20)), 'connections that were not replaced').toEqual([]);
  });

  test('connections that last for one request are not a storm', () => {
    const brief = storm(8, 10, 1).map((row) => ({ ...row, id: row.id + 100_000 }));
    const codes = codesOf(examination({ rows: [...busy(40, '172.18.0.5', () => ({ age: 500 })), ...brief] }));
    expect(codes).toEqual(['connection-per-request']);
  });

  test('a healthy fleet is not reported', () => {
    expect(findingsOf('reconnect-storm', examination({ rows: healthy() }))).toEqual([]);
  });
});
