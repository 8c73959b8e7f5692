import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPeriodMs } from '../../../src/liveness/health-check-target.js';
import {
  anyLivenessScenario,
  LivenessModel,
  type LivenessScenario,
} from '../../support/unit/liveness/liveness-model.js';
import { checkModel, MODEL_TIMEOUT_MS } from '../../support/unit/model-check.js';

const options = { timeout: MODEL_TIMEOUT_MS };

/** Takes a step. A repeated block is taken block by block, with a check after each. */
async function take(
  model: LivenessModel,
  step: LivenessScenario['steps'][number],
  check: () => void,
): Promise<void> {
  const isRepeated = step.kind === 'block' && step.times > 1;
  for (let count = 0; count < (isRepeated ? step.times : 1); count += 1) {
    await model.take(isRepeated ? { ...step, times: 1 } : step);
    check();
  }
}

test(
  'an idle connection is pinged after the interval, however often the event loop is blocked',
  options,
  async () => {
    await checkModel({ runs: 300, minSteps: 5_000 }, anyLivenessScenario(), async (scenario, onStep) => {
      const model = new LivenessModel(scenario);
      for (const step of scenario.steps) {
        await take(model, step, () => expect(model.unasked()).toEqual([]));
        onStep();
      }
    });
  },
);

const anyBlocks = fc.record({
  ms: fc.constantFrom(2_700, 100, 4_900, 20_000),
  phase: fc.constantFrom('poll' as const, 'timers' as const),
});

test(
  'a peer that vanishes is found within a bounded number of checks, however often the event loop is blocked',
  options,
  async () => {
    const anyCase = fc.record({
      scenario: anyLivenessScenario({}, 20),
      blocks: fc.array(anyBlocks, { minLength: 1, maxLength: 3 }),
    });
    await checkModel({ runs: 300, minSteps: 5_000 }, anyCase, async ({ scenario, blocks }, onStep) => {
      const model = new LivenessModel(scenario);
      for (const step of scenario.steps) {
        await model.take(step);
        onStep();
      }
      const expected = model.connections.filter(
        ({ peer, readyAt }) => readyAt !== undefined && peer.isExpectedToAnswer,
      );
      model.connections.forEach(({ peer }) => peer.vanish());
      const periods = model.connections.map(({ peer }) => checkPeriodMs(peer.settings));
      const longest = expected.map(({ peer: { settings } }) => {
        const { heartbeatIntervalMs, heartbeatDeadlineMs, stallLimitMs } = settings;
        return 1.2 * heartbeatIntervalMs + 2 * heartbeatDeadlineMs + stallLimitMs;
      });
      const checks = Math.max(0, ...longest) / Math.min(...periods) + 20;
      const lastTurn = model.loop.timerTurns + checks;
      const isMissed = () => expected.some(({ peer }) => peer.stale.length === 0);
      while (isMissed() && model.loop.timerTurns < lastTurn) {
        for (const { ms, phase } of blocks) await model.block(ms, phase);
        onStep();
      }
      expect(expected.filter(({ peer }) => peer.stale.length === 0).map(({ peer }) => peer.settings)).toEqual(
        [],
      );
    });
  },
);
