import fc from 'fast-check';
import { test } from 'vitest';
import { anyDialStep, DialModel } from '../../../support/unit/connect/dial-model.js';
import { checkModel, MODEL_TIMEOUT_MS } from '../../../support/unit/model-check.js';

const anyMax = fc.integer({ min: 1, max: 4 });
const anySchedule = fc.record({
  max: fc.tuple(anyMax, anyMax),
  steps: fc.array(anyDialStep, { maxLength: 100, size: 'max' }),
});

test(
  'in any order of dials, first bytes, closes and probes the limit is kept, and every dial is admitted or cancelled',
  { timeout: MODEL_TIMEOUT_MS },
  async () => {
    await checkModel({ runs: 500, minSteps: 20_000 }, anySchedule, async ({ max, steps }, onStep) => {
      const model = new DialModel(max);
      for (const step of steps) {
        await model.take(step);
        onStep();
      }
      await model.expectAllAdmitted(onStep);
    });
  },
);
