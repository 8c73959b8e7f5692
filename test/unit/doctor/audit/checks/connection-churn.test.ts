import { describe, expect, test } from 'vitest';
import { clientRow, clientRows } from '../../../../support/unit/doctor/rows.js';
import {
  codesOf,
  examination,
  findingsOf,
  kept,
} from '../../../../support/unit/doctor/audit/examinations.js';
import { asking, busy, healthy } from '../../../../support/unit/doctor/audit/fleets.js';

const PHP = '172.18.4.1';

/** Some that stay, and the last of a stream of brief ones. */
function stream(perSecond: number, seconds = 100) {
  const settled = clientRows(20, (index) => ({ ip: '172.18.0.5', id: index + 1, age: seconds, idle: 1 }));
  const last = 20 + perSecond * seconds;
  const brief = clientRows(4, (index) => ({ ip: PHP, id: last - index, age: 0, idle: 0, cmd: 'get' }));
  return [...settled, ...brief];
}

const found = (examined: Parameters<typeof findingsOf>[1]) => findingsOf('connection-per-request', examined);

describe('from one list', () => {
  test('ids run ahead of the clients', () => {
    const [finding, ...others] = found(kept(stream(50)));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'warning', owner: PHP });
    expect(finding?.evidence).toMatchObject({ seconds: 100, perSecond: 50, kept: 4 });
    expect(finding?.summary).toContain(
      '50 in a second, and 4 stayed. Most of those that were seen are of 172.18.4.1.',
    );
  });

  test('probes and exporters are none', () => {
    expect(found(kept(stream(9)))).toEqual([]);
    expect(found(kept(stream(11)))).toHaveLength(1);
  });

  test('where nobody was caught in the act, nobody is accused', () => {
    const rows = [...stream(50).filter(({ ip }) => ip !== PHP), { ...asking()[0], id: 5_021 }];
    const [finding] = found(kept(rows as ReturnType<typeof stream>));
    expect(finding).toBeDefined();
    expect(finding).not.toHaveProperty('owner');
  });

  test('connections that come and stay are no stream', () => {
    const rows = busy(2_000, '172.18.0.5', (index) => ({ id: index + 1, age: 2_000 - index }));
    expect(found(kept(rows))).toEqual([]);
  });

  test('ids that a module takes are no connections', () => {
    const rows = stream(50);
    const info = { total_connections_received: '90' };
    expect(found(examination({ rows, info }))).toEqual([]);
    expect(found(examination({ rows, info: { total_connections_received: '5100' } }))).toHaveLength(1);
  });

  test('all too young to count from', () => {
    expect(found(kept(stream(50, 9)))).toEqual([]);
  });
});

describe('from two looks', () => {
  const look = (received: number) => ({ total_connections_received: String(received) });
  const rows = busy(100, '172.18.0.5');

  test('what the server has received, less what is still there', () => {
    const brief = clientRows(3, (index) => ({ ip: PHP, id: 2_000 + index, age: 0, idle: 0 }));
    const examined = (received: number) =>
      examination({
        rows: [...rows, ...brief],
        info: look(received),
        earlier: { rows, info: look(500), seconds: 10 },
      });
    expect(found(examined(1_000))).toHaveLength(1);
    expect(found(examined(1_000))[0]).toMatchObject({ owner: PHP, evidence: { perSecond: 50, kept: 3 } });
    expect(found(examined(580))).toEqual([]);
  });

  test('by ids, where INFO is refused', () => {
    const later = [...rows, clientRow({ id: 700, age: 0, idle: 0 })];
    expect(found(kept(later, { earlier: { rows, seconds: 10 } }))).toHaveLength(1);
  });
});

describe('reconnect storm', () => {
  const storm = (hosts: number, each: number, age = 12) =>
    Array.from({ length: hosts }, (_, host) =>
      clientRows(each, (index) => ({ ip: `10.0.0.${host}`, id: 1_000 + host * each + index, age, idle: 0 })),
    ).flat();

  test('many owners came back at once, on a server that has been up for long', () => {
    const rows = [...busy(40, '172.18.0.5'), ...storm(8, 10)];
    const [finding] = findingsOf('reconnect-storm', examination({ rows }));
    expect(finding).toMatchObject({ severity: 'warning', evidence: { connections: 80, owners: 8, of: 120 } });
  });

  test('in a list the oldest row tells for how long', () => {
    expect(codesOf(kept([...busy(40, '172.18.0.5'), ...storm(8, 10)]))).toContain('reconnect-storm');
    expect(codesOf(kept(storm(8, 10)))).toEqual([]);
  });

  test.each([
    ['a server that has just been started', storm(8, 10), { uptime_in_seconds: '60' }],
    ['few owners', [...busy(20, '172.18.0.5'), ...storm(4, 20)], {}],
    ['one service that restarts', [...busy(20, '172.18.0.5'), ...storm(5, 5), ...storm(1, 60)], {}],
    ['a part of the fleet', [...busy(90, '172.18.0.5'), ...storm(8, 10)], {}],
    ['connections that have settled', storm(8, 10, 31), {}],
  ])('none: %s', (_, rows, info) => {
    expect(findingsOf('reconnect-storm', examination({ rows, info }))).toEqual([]);
  });

  test('two looks see it at any age: connections that had settled are others now', () => {
    const rows = storm(8, 10, 9_000);
    const later = rows.map((row) => ({ ...row, id: row.id + 100, age: 40 }));
    const seen = (now: typeof rows) =>
      findingsOf('reconnect-storm', examination({ rows: now, earlier: { rows, seconds: 60 } }));
    expect(seen(later)[0]?.summary).toContain('were lost within 1m, and dialled again');
    expect(seen(rows)).toEqual([]);
    expect(seen(later.slice(0, 20)), 'those that went for good').toEqual([]);
  });

  test('where connections last for one request they are always young', () => {
    const brief = storm(8, 10, 1).map((row) => ({ ...row, id: row.id + 100_000 }));
    const codes = codesOf(examination({ rows: [...busy(40, '172.18.0.5', () => ({ age: 500 })), ...brief] }));
    expect(codes).toEqual(['connection-per-request']);
  });

  test('a healthy fleet', () => {
    expect(findingsOf('reconnect-storm', examination({ rows: healthy() }))).toEqual([]);
  });
});
