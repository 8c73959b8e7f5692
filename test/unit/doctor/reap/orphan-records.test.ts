import { describe, expect, test } from 'vitest';
import { createRecordMatcher, parseOrphanRecords } from '../../../../src/doctor/reap/orphan-records.js';
import { thrown } from '../../../support/unit/thrown.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const RECORD = { runId: 'run-1', clientId: 7, name: 'orders@web-1', address: '10.0.0.5:4711' };
const line = (given: object = {}) => JSON.stringify({ ...RECORD, ...given });

describe('records', () => {
  test('are lines of JSON, with further fields and blank lines between them', () => {
    const text = `${line({ outcome: 'refused', why: '…' })}\n\n  ${line({ clientId: 8 })}\r\n`;
    expect(parseOrphanRecords(text, 'a.jsonl')).toEqual([RECORD, { ...RECORD, clientId: 8 }]);
  });

  test('may be one array', () => {
    expect(parseOrphanRecords(`[${line()},${line({ clientId: 8 })}]`, 'a')).toHaveLength(2);
  });

  test.each([
    ['no run', { runId: undefined }],
    ['no id', { clientId: undefined }],
    ['another kind of id', { clientId: '8' }],
    ['no address', { address: undefined }],
    ['no name', { name: null }],
  ])('with %s are ignored', (_, given) => {
    expect(parseOrphanRecords(`${line()}\n${line(given)}`, 'a')).toEqual([RECORD]);
  });

  test.each([
    ['', 'a.jsonl has no orphan record'],
    [line({ runId: '' }), 'a.jsonl has no orphan record'],
    [`${line()}\noops`, 'line 2 of a.jsonl is not a JSON object'],
    ['7', 'line 1 of a.jsonl is not a JSON object'],
    ['null', 'line 1 of a.jsonl is not a JSON object'],
  ])('%j is refused', (text, problem) => {
    expect(thrown('HYG_CLI_FILE', () => parseOrphanRecords(text, 'a.jsonl')).message).toContain(problem);
  });
});

describe('a row', () => {
  const row = clientRow({ id: 7, name: 'orders@web-1', ip: '10.0.0.5', port: 4711 });
  const isRecorded = createRecordMatcher([RECORD]);

  test('is recorded by run, id, name and address', () => {
    expect(isRecorded(row, 'run-1')).toBe(true);
    expect(isRecorded(row, 'run-2')).toBe(false);
    expect(isRecorded(row, undefined)).toBe(false);
    expect(isRecorded({ ...row, id: 8 }, 'run-1')).toBe(false);
    expect(isRecorded({ ...row, name: '' }, 'run-1')).toBe(false);
    expect(isRecorded({ ...row, addr: '10.0.0.5:4712' }, 'run-1')).toBe(false);
  });
});
