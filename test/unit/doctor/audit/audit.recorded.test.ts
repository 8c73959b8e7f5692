import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { audit } from '../../../../src/doctor/audit/audit.js';
import { createRowReader } from '../../../../src/doctor/client-list/row-reader.js';
import { type ClientRow, keepRow } from '../../../../src/doctor/client-list/client-row.js';
import { saved } from '../../../support/unit/doctor/audit/examinations.js';

const FOLDER = new URL('../../../fixtures/client-list/', import.meta.url);
const lists = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));

function read(file: string): ClientRow[] {
  const rows: ClientRow[] = [];
  const reader = createRowReader((row) => rows.push(keepRow(row, file)));
  reader.write(readFileSync(new URL(file, FOLDER)));
  reader.end();
  return rows;
}

test.each(lists)('%s: the summaries contain no missing numbers', (file) => {
  for (const { summary, evidence } of audit([saved(read(file))], { heartbeatSeconds: 15 })) {
    expect(summary).not.toMatch(/NaN|undefined|Infinity|\de\+/);
    expect(Object.values(evidence)).not.toContain(NaN);
  }
});

test.each([
  'redis-7.0-replica.txt',
  'sentinel-7.0.txt',
  'sentinel-7.0-master.txt',
  'sentinel-7.0-replica.txt',
])('%s: connections between servers give no findings', (file) => {
  expect(audit([saved(read(file))], { heartbeatSeconds: 15 })).toEqual([]);
});
