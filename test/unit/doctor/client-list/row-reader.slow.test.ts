import { test } from 'vitest';
import { expectMutantsRead } from '../../../support/unit/doctor/client-list/read-mutants.js';

test('100 000 mutants are read or rejected, with the same result in any chunks', { timeout: 300_000 }, () =>
  expectMutantsRead(100_000),
);
