import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { killCommand, type ReapPlan } from '../../../../src/doctor/reap/reap-plan.js';
import type { ServerOutcome } from '../../../../src/doctor/reap/run-reap.js';
import {
  reapJson,
  renderKillResult,
  renderReapPlan,
  renderReapReport,
  renderSettlement,
} from '../../../../src/doctor/render/reap-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { replaceUnprintable } from '../../../../src/doctor/text/safe-text.js';
import { clientRow, clientRows } from '../../../support/unit/doctor/rows.js';

const page = { style: plainStyle };

const killOf = (row: ClientRow) =>
  ({ row, listedAt: 0, command: killCommand(row), proof: 'peer-kernel', why: 'silent' }) as const;

function outcomeOf(plan: Partial<ReapPlan>, given: Partial<ServerOutcome> = {}): ServerOutcome {
  const whole = { kills: [], protectedCounts: {}, deferred: 0, unproven: [], ...plan };
  return { target: 'redis-1:6379', clients: 412, plan: whole, ...given };
}

describe('connections that are left', () => {
  const left = (rows: readonly ClientRow[], why = 'no kernel') => rows.map((row) => ({ row, why }));

  test('are named together, one line for each name and reason', () => {
    const unproven = [
      ...left(clientRows(3, (index) => ({ name: 'orders@web-1#pool', idle: 60 * (index + 1) }))),
      ...left(clientRows(2, (index) => ({ name: 'orders@web-1', ip: `10.0.0.${index}`, idle: 90 }))),
      ...left([clientRow({ name: 'orders@web-1', idle: 50 })], 'another reason'),
    ];
    expect(renderReapPlan(outcomeOf({ unproven }), page).slice(1)).toEqual([
      '3 clients left: orders@web-1#pool from 172.18.0.50, silent for up to 3m; no kernel',
      '2 clients left: orders@web-1 from 2 addresses, silent for up to 1m30s; no kernel',
      '1 client left: orders@web-1 from 172.18.0.50, silent for 50s; another reason',
    ]);
  });
});

describe('what became of a server', () => {
  const settled = (returned: { name: string; ip: string; count: number }[]) =>
    renderSettlement(outcomeOf({}, { settlement: { afterSeconds: 5, clients: 177, returned } }), page);

  test('tells which owners connect again, five of them by name', () => {
    const returned = [9, 8, 7, 6, 5, 4].map((count) => ({
      name: count === 9 ? '' : `n${count}`,
      ip: '10.0.0.5',
      count,
    }));
    expect(settled(returned)).toEqual([
      'redis-1:6379: 177 clients after 5s, 39 of the closed ones have returned: their owners run, and connect again (9 unnamed from 10.0.0.5, 8 n8 from 10.0.0.5, 7 n7 from 10.0.0.5, 6 n6 from 10.0.0.5, 5 n5 from 10.0.0.5, and 1 more owner)',
    ]);
  });

  test('tells that none has returned', () => {
    expect(settled([])).toEqual(['redis-1:6379: 177 clients after 5s, none of the closed ones has returned']);
    expect(renderSettlement(outcomeOf({}), page)).toEqual([]);
  });
});

test('JSON has each result at its own connection, also if some were skipped first', () => {
  const kills = clientRows(3, () => ({})).map(killOf);
  const [first, second] = kills as [ReturnType<typeof killOf>, ReturnType<typeof killOf>];
  const results = [
    { outcome: 'skipped', kill: second, change: 'unproven' },
    { outcome: 'closed', kill: first },
  ] as const;
  const outcome = outcomeOf({ kills }, { report: { results, untouched: kills.slice(2) } });
  const facts = { at: 0, failures: [], warnings: [] };
  const document = reapJson({ mode: 'run', outcomes: [outcome], kindOf: () => 'server' }, facts);
  expect(document.targets[0]?.kills).toMatchObject([
    { id: 1, proof: 'peer-kernel', outcome: 'closed' },
    { id: 2, outcome: 'skipped', change: 'unproven' },
    { id: 3 },
  ]);
  expect(document.targets[0]?.kills[2]).not.toHaveProperty('outcome');
});

test('no line contains unprintable characters', () => {
  const text = '\u0000\u001b[2J\u009b\n\u202e';
  const row = clientRow({ name: text, addr: text, ip: text, target: text });
  const kill = killOf(row);
  const result = { kill, outcome: 'closed' } as const;
  const outcome = outcomeOf(
    { kills: [kill], unproven: [{ row, why: 'test' }] },
    {
      target: text,
      report: { results: [result], untouched: [] },
      settlement: { afterSeconds: 5, clients: 1, returned: [{ name: text, ip: text, count: 1 }] },
    },
  );
  const lines = [
    ...renderReapPlan(outcome, page),
    renderKillResult(result, page),
    ...renderReapReport(outcome, page),
    ...renderSettlement(outcome, page),
  ];
  for (const line of lines) expect(line).toBe(replaceUnprintable(line));
});
