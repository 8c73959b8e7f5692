import { test } from 'vitest';
import { anyLivenessScenario, expectNoneStale } from '../../support/unit/liveness/liveness-model.js';
import { checkModel, MODEL_TIMEOUT_MS } from '../../support/unit/model-check.js';

const options = { timeout: MODEL_TIMEOUT_MS };

const runs = { runs: 300, minSteps: 4_000 };

test(
  'a peer that acknowledges what was just written within 150 ms is never found stale',
  options,
  async () => {
    const anyScenario = anyLivenessScenario({ maxAckMs: 150, sendsAtReads: true });
    await checkModel(runs, anyScenario, (scenario, onStep) => expectNoneStale(scenario, onStep));
  },
);

test('a peer that takes a long command, slowly, is never found stale', options, async () => {
  const anyScenario = anyLivenessScenario({ hasLongCommands: true });
  await checkModel(runs, anyScenario, (scenario, onStep) => expectNoneStale(scenario, onStep));
});

test('a peer that answers a handshake within handshakeTimeoutMs is never found stale', options, async () => {
  const anyScenario = anyLivenessScenario({ hasManyHandshakes: true });
  await checkModel(runs, anyScenario, (scenario, onStep) => expectNoneStale(scenario, onStep));
});

test(
  'without the state of the kernel, a peer that answers within the deadline is never found stale',
  options,
  async () => {
    const anyScenario = anyLivenessScenario({ hasStalls: false });
    await checkModel(runs, anyScenario, (scenario, onStep) =>
      expectNoneStale(scenario, onStep, { isReadable: false }),
    );
  },
);
