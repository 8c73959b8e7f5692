import { expect, test } from 'vitest';
import { rankGroups } from '../../../../src/doctor/group/ranking.js';
import { renderClients } from '../../../../src/doctor/render/clients-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { replaceUnprintable } from '../../../../src/doctor/text/safe-text.js';
import {
  renderKillResult,
  renderReapPlan,
  renderReapReport,
  renderSettlement,
} from '../../../../src/doctor/render/reap-report.js';
import { killCommand } from '../../../../src/doctor/reap/reap-plan.js';
import { groupedClients } from '../../../support/unit/doctor/group/groups.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const UNPRINTABLE = 'a\x1b[2J\u009b\u202eb\nc';
const page = { width: Infinity, style: plainStyle };

test.each([
  ['controls', 'a\x00\x1b\x7f\u0085b', 'a????b'],
  ['direction marks', '\u202etxt.exe\u2066', '?txt.exe?'],
  ['invisible characters', 'a\u200b\u00ad\ufeffb', 'a???b'],
  ['line separators', 'a\u2028\u2029b', 'a??b'],
  ['lone surrogates', 'a\ud800b', 'a?b'],
])('%s are replaced', (_, text, expected) => {
  expect(replaceUnprintable(text)).toBe(expected);
});

test('letters and symbols of any script are kept', () => {
  expect(replaceUnprintable('größe 東京 שלום 🚀 …')).toBe('größe 東京 שלום 🚀 …');
});

test('the clients report contains no unprintable characters', async () => {
  const grouped = await groupedClients(
    { [UNPRINTABLE]: 2 },
    { row: () => ({ cmd: UNPRINTABLE, flags: UNPRINTABLE, target: UNPRINTABLE }) },
  );
  const targets = grouped.targets.map((one) => ({ ...one, target: UNPRINTABLE }));
  const lines = renderClients({ ...grouped, targets }, rankGroups(grouped, 9), page);
  expect(lines.join('')).toContain(replaceUnprintable(UNPRINTABLE));
  for (const line of lines) expect(line).toBe(replaceUnprintable(line));
});

test('the reap report contains no unprintable characters', () => {
  const row = clientRow({ name: UNPRINTABLE, addr: UNPRINTABLE, ip: UNPRINTABLE, target: UNPRINTABLE });
  const kill = { row, listedAt: 0, command: killCommand(row), proof: 'filter', why: 'test' } as const;
  const outcome = {
    target: UNPRINTABLE,
    clients: 1,
    plan: { kills: [kill], protectedCounts: {}, deferred: 0, unproven: [{ row, why: 'test' }] },
  };
  const result = { kill, outcome: 'closed' } as const;
  const report = { ...outcome, report: { results: [result], untouched: [] } };
  const settlement = {
    afterSeconds: 5,
    clients: 1,
    returned: [{ name: UNPRINTABLE, ip: UNPRINTABLE, count: 1 }],
  };
  const lines = [
    ...renderReapPlan(outcome, page),
    renderKillResult(result, page),
    ...renderReapReport(report, page),
    ...renderSettlement({ ...report, settlement }, page),
  ];
  for (const line of lines) expect(line).toBe(replaceUnprintable(line));
});
