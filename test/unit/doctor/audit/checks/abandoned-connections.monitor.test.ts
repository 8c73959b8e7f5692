import { expect, test } from 'vitest';
import { clientRow } from '../../../../support/unit/doctor/rows.js';
import { examination, findingsOf } from '../../../../support/unit/doctor/audit/examinations.js';
import { healthy, together } from '../../../../support/unit/doctor/audit/fleets.js';

const monitorFindings = (age: number, flags = 'O') =>
  findingsOf(
    'monitor-left-open',
    examination({
      rows: together(healthy(), [clientRow({ ip: '10.0.0.9', age, idle: 0, flags, cmd: 'monitor' })]),
    }),
  );

test('a MONITOR connection is reported from an age of ten minutes', () => {
  expect(monitorFindings(600)).toMatchObject([
    { owner: '10.0.0.9', summary: '10.0.0.9 has had 1 MONITOR connection open for 10m.' },
  ]);
  expect(monitorFindings(599)).toEqual([]);
  expect(monitorFindings(9_000, 'N')).toEqual([]);
});
