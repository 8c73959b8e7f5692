import { expect, test } from 'vitest';
import { namePattern } from '../../../../src/doctor/audit/name-pattern.js';

test.each([
  ['', ''],
  ['sidekiq', 'sidekiq'],
  ['worker-17', 'worker-*'],
  ['worker17', 'worker*'],
  ['app:4711:3f9ac2', 'app:*:*'],
  ['conn-8a7f1c2e-0b1d-4c3e-9f00-abcdefabcdef', 'conn-*'],
  ['orders@web-1', 'orders@web-*'],
  ['bull:cXVldWUtMQ==', 'bull:cXVldWUtMQ=='],
])('the pattern of %j is %j', (name, pattern) => {
  expect(namePattern(name)).toBe(pattern);
});
