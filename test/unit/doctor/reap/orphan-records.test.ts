import { describe, expect, test } from 'vitest';
import { createRecordMatcher, parseOrphanRecords } from '../../../../src/doctor/reap/orphan-records.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const RECORD = { runId: 'run-1', clientId: 7, name: 'orders@web-1', address: '10.0.0.5:4711' };
const line = (given: object = {}) => JSON.stringify({ ...RECORD, ...given });

describe('records', () => {
  test('are lines of JSON, with further fields and blank lines between them', () => {
    const text = `${line({ outcome: 'unreached', why: '…' })}\n\n  ${line({ clientId: 8 })}\r\n`;
    expect(parseOrphanRecords(text)).toEqual([RECORD, { ...RECORD, clientId: 8 }]);
  });

  test('may be one array', () => {
    expect(parseOrphanRecords(`[${line()},${line({ clientId: 8 })}]`)).toHaveLength(2);
  });

  test.each([
    ['no run', { runId: undefined }],
    ['no id', { clientId: undefined }],
    ['another kind of id', { clientId: '8' }],
    ['no address', { address: undefined }],
    ['no name', { name: null }],
    ['a doubt about whose it is', { outcome: 'refused' }],
    ['an orphan that is closed', { outcome: 'reaped' }],
  ])('with %s are ignored', (_, given) => {
    expect(parseOrphanRecords(`${line()}\n${line(given)}`)).toEqual([RECORD]);
  });

  test('are found in a log, whose other lines are ignored', () => {
    const log = [
      'ready',
      '[ioredis] Skipping the ready check',
      '7',
      'null',
      '"text"',
      '{"level":"info"}',
      line(),
    ];
    expect(parseOrphanRecords(log.join('\n'))).toEqual([RECORD]);
  });

  test('may be none', () => {
    for (const text of ['', '\n', line({ runId: '' }), '[]']) expect(parseOrphanRecords(text)).toEqual([]);
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
