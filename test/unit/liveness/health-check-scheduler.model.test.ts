import { test } from 'vitest';
import { anyLivenessScenario, expectNoneStale } from '../../support/unit/liveness/liveness-model.js';
import { checkModel, MODEL_TIMEOUT_MS } from '../../support/unit/model-check.js';

const options = { timeout: MODEL_TIMEOUT_MS };

test(
  'a connection whose peer lives is never found stale, whatever blocks the event loop',
  options,
  async () => {
    await checkModel({ runs: 800, minSteps: 15_000 }, anyLivenessScenario(), (scenario, onStep) =>
      expectNoneStale(scenario, onStep),
    );
  },
);
