import { describe, expect, test } from 'vitest';
import {
  renderReapPlan,
  renderReapReport,
  renderSettlement,
} from '../../../../src/doctor/render/reap-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import type { ReapPlan, UnprovenConnection } from '../../../../src/doctor/reap/reap-plan.js';
import type { ServerOutcome } from '../../../../src/doctor/reap/run-reap.js';
import type { Settlement } from '../../../../src/doctor/reap/settle.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const page = { style: plainStyle };

function outcome(plan: Partial<ReapPlan> = {}, settlement?: Settlement): ServerOutcome {
  return {
    target: 'redis-1:6379',
    clients: 412,
    plan: { kills: [], protectedCounts: {}, deferred: 0, unproven: [], ...plan },
    ...(settlement && { settlement }),
  };
}

describe('connections that are left', () => {
  const left = (name: string, ip: string, idle: number, why: string): UnprovenConnection => ({
    row: clientRow({ name, ip, idle }),
    why,
  });

  test('have one line for each name and reason', () => {
    const unproven = [
      left('orders@web-1#pool', '10.0.0.5', 480, 'no kernel'),
      left('orders@web-1#pool', '10.0.0.5', 62, 'no kernel'),
      left('orders@web-1#pool', '10.0.0.5', 61, 'it is in a transaction'),
      left('mails@web-1', '10.0.0.5', 60, 'no kernel'),
      left('mails@web-1', '10.0.0.6', 59, 'no kernel'),
    ];
    const lines = [
      '2 clients left: orders@web-1#pool from 10.0.0.5, silent for up to 8m; no kernel',
      '1 client left: orders@web-1#pool from 10.0.0.5, silent for up to 1m1s; it is in a transaction',
      '2 clients left: mails@web-1 from 2 addresses, silent for up to 1m; no kernel',
    ];
    expect(renderReapPlan(outcome({ unproven }), page)).toEqual([
      'redis-1:6379: 0 of 412 clients would be closed',
      ...lines,
    ]);
    expect(renderReapReport(outcome({ unproven }), page)).toEqual([
      'redis-1:6379: 0 of 412 clients closed',
      ...lines,
    ]);
  });
});

describe('what became of the server', () => {
  const settled = (returned: Settlement['returned']) =>
    renderSettlement(outcome({}, { afterSeconds: 5, clients: 391, returned }), page);

  test('is not mentioned without a last look', () => {
    expect(renderSettlement(outcome(), page)).toEqual([]);
  });

  test('is the number of clients, if none has returned', () => {
    expect(settled([])).toEqual(['redis-1:6379: 391 clients after 5s, none of the closed ones has returned']);
  });

  test('names the owners that have connected again', () => {
    expect(
      settled([
        { name: 'orders@web-1#pool', ip: '10.0.0.5', count: 148 },
        { name: '', ip: '10.0.0.6', count: 2 },
      ]),
    ).toEqual([
      'redis-1:6379: 391 clients after 5s, 150 of the closed ones have returned: their owners run, and connect again (148 orders@web-1#pool from 10.0.0.5, 2 unnamed from 10.0.0.6)',
    ]);
  });

  test('names five owners, and counts the others', () => {
    const returned = Array.from({ length: 7 }, (_, at) => ({ name: `app-${at}`, ip: '10.0.0.5', count: 1 }));
    const [line] = settled(returned);
    expect(line).toMatch(
      / 7 of the closed ones have returned.*\(1 app-0 .*1 app-4 from 10\.0\.0\.5, and 2 more owners\)$/,
    );
    expect(line).not.toContain('app-5');
  });
});
