import { expect, test } from 'vitest';
import { undefinedIfRejected } from '../../../src/sentinel/sentinel-query.js';
import { refusal } from '../../support/unit/sentinel/fake-subscription-connection.js';

test('a refused command counts as undefined', async () => {
  expect(await undefinedIfRejected(Promise.reject(refusal('NOPERM')))).toBeUndefined();
  expect(await undefinedIfRejected(Promise.resolve('yes'))).toBe('yes');
});
