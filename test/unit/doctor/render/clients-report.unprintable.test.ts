import { expect, test } from 'vitest';
import { rank } from '../../../../src/doctor/group/ranking.js';
import { renderClients } from '../../../../src/doctor/render/clients-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { printable } from '../../../../src/doctor/text/safe-text.js';
import { renderKillResult, renderPlan, renderReport } from '../../../../src/doctor/render/reap-report.js';
import { killCommand } from '../../../../src/doctor/reap/reap-plan.js';
import { surveyOf } from '../../../support/unit/doctor/group/groups.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const EVIL = 'a\x1b[2J\u009b\u202eb\nc';
const paper = { width: Infinity, ink: plainStyle };

test.each([
  ['controls', 'a\x00\x1b\x7f\u0085b', 'a????b'],
  ['what turns a line round', '\u202etxt.exe\u2066', '?txt.exe?'],
  ['what is not seen', 'a\u200b\u00ad\ufeffb', 'a???b'],
  ['separators of lines', 'a\u2028\u2029b', 'a??b'],
  ['halves of a pair', 'a\ud800b', 'a?b'],
])('%s are replaced', (_, text, expected) => {
  expect(printable(text)).toBe(expected);
});

test('letters of any script and signs are left alone', () => {
  expect(printable('größe 東京 שלום 🚀 …')).toBe('größe 東京 שלום 🚀 …');
});

test('no line of clients has any', async () => {
  const survey = await surveyOf({ [EVIL]: 2 }, { row: () => ({ cmd: EVIL, flags: EVIL, target: EVIL }) });
  const targets = survey.targets.map((one) => ({ ...one, target: EVIL }));
  const lines = renderClients({ ...survey, targets }, rank(survey, 9), paper);
  expect(lines.join('')).toContain(printable(EVIL));
  for (const line of lines) expect(line).toBe(printable(line));
});

test('nor has one of reap', () => {
  const row = clientRow({ name: EVIL, addr: EVIL, target: EVIL });
  const kill = { row, command: killCommand(row), why: 'asked for' };
  const outcome = { target: EVIL, clients: 1, plan: { kills: [kill], spared: {}, left: 0 } };
  const fate = { kill, outcome: 'closed' } as const;
  const report = { ...outcome, report: { fates: [fate], untouched: [] } };
  const lines = [
    ...renderPlan(outcome, paper),
    renderKillResult(fate, paper),
    ...renderReport(report, paper),
  ];
  for (const line of lines) expect(line).toBe(printable(line));
});
