import { expect, test } from 'vitest';
import { findingCodes, findingTable } from '../../../../src/doctor/audit/finding-table.js';
import { isAboutClients } from '../../../../src/doctor/remedies/finding-remedies.js';
import { firstSentence } from '../../../../src/doctor/text/safe-text.js';

test('the remedy of a leak is in the code of clients, that of a setting is not', () => {
  expect(isAboutClients('connection-flood')).toBe(true);
  expect(isAboutClients('orphan-subscribers')).toBe(true);
  expect(isAboutClients('keepalive-off')).toBe(false);
});

test.each(findingCodes)(
  'the first sentence of the remedy of %s says what to do, in two lines at most',
  (code) => {
    const sentence = firstSentence(findingTable[code].remedy);
    expect(sentence).toMatch(/^(Restart|Run|Close|Create|Raise|Set|Find|Check|Redis never) ?[^]*\.$/);
    expect(sentence.length).toBeLessThanOrEqual(190);
  },
);
