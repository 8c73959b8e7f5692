import { expect, test } from 'vitest';
import { clientRow } from '../../../../support/unit/doctor/rows.js';
import { examination, findingsOf } from '../../../../support/unit/doctor/audit/examinations.js';
import { healthy, together } from '../../../../support/unit/doctor/audit/fleets.js';

const found = (age: number, flags = 'O') =>
  findingsOf(
    'monitor-left-open',
    examination({
      rows: together(healthy(), [clientRow({ ip: '10.0.0.9', age, idle: 0, flags, cmd: 'monitor' })]),
    }),
  );

test('a monitor of ten minutes has been left', () => {
  expect(found(600)).toMatchObject([
    { owner: '10.0.0.9', summary: '10.0.0.9 has had 1 MONITOR open for 10m.' },
  ]);
  expect(found(599)).toEqual([]);
  expect(found(9_000, 'N')).toEqual([]);
});
