import { expect, test } from 'vitest';
import { rankGroups } from '../../../../src/doctor/group/ranking.js';
import { renderClients } from '../../../../src/doctor/render/clients-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { replaceUnprintable } from '../../../../src/doctor/text/safe-text.js';
import { groupedClients } from '../../../support/unit/doctor/group/groups.js';

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
