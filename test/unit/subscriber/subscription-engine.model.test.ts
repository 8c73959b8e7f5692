import fc from 'fast-check';
import { test } from 'vitest';
import { checkModel, MODEL_TIMEOUT_MS } from '../../support/unit/model-check.js';
import { anySubscriptionStep, SubscriptionModel } from '../../support/unit/subscriber/subscription-model.js';

const anyRun = fc.record({
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  steps: fc.array(anySubscriptionStep, { maxLength: 100, size: 'max' }),
  isSettled: fc.boolean(),
});

test(
  'in any order of calls, answers and losses: what is desired is subscribed, and what is missing lies in a gap',
  { timeout: MODEL_TIMEOUT_MS },
  async () => {
    await checkModel(
      { runs: 700, minSteps: 25_000 },
      anyRun,
      async ({ random, steps, isSettled }, onStep) => {
        const model = new SubscriptionModel(random);
        for (const step of steps) {
          await model.take(step);
          onStep();
        }
        if (isSettled) await model.expectSubscribed();
        await model.expectClosed();
      },
    );
  },
);
