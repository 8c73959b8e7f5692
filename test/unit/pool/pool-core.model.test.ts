import fc from 'fast-check';
import { test } from 'vitest';
import { checkModel, MODEL_TIMEOUT_MS } from '../../support/unit/model-check.js';
import { anyPoolSettings, anyPoolStep, PoolModel } from '../../support/unit/pool/pool-model.js';

const anyRun = fc.record({
  settings: anyPoolSettings,
  random: fc.double({ min: 0.3, max: 0.999, noNaN: true }),
  steps: fc.array(anyPoolStep, { maxLength: 60, size: 'max' }),
  isServedAgain: fc.boolean(),
  lateSteps: fc.array(anyPoolStep, { maxLength: 6 }),
});

test(
  'in any order of callers, losses and moves: never more than max, nobody waits forever, close() closes all',
  { timeout: MODEL_TIMEOUT_MS },
  async () => {
    await checkModel({ runs: 500, minSteps: 12_000 }, anyRun, async (run, onStep) => {
      const model = new PoolModel(run.settings, run.random);
      for (const step of run.steps) {
        await model.take(step);
        onStep();
      }
      if (run.isServedAgain) await model.expectService(onStep);
      else {
        model.close();
        for (const step of run.lateSteps) await model.take(step);
      }
      await model.expectClosed();
    });
  },
);
