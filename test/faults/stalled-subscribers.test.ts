import { describe, expect, test } from 'vitest';
import { createConsumer } from '../support/consumer.js';
import { runStalls, STALLS, type StallStep } from '../support/stalled-subscriber.js';
import { record } from './figures/figure.js';
import { OURS } from './rig/contestant.js';

const PROCESSES = 5;
const STALLS_EACH = 10;
const LIMIT_MS = 300_000;

/** A stall of 0.5 to 6 s with the cut anywhere within it. */
function anyStall(_: unknown, index: number): StallStep {
  const stalledMs = 500 + Math.round(Math.random() * 5_500);
  const cutAfterMs = Math.round(Math.random() * (stalledMs - 200));
  return { stall: STALLS[index % STALLS.length] ?? 'timer', stalledMs, cutAfterMs };
}

describe.concurrent('a subscriber whose process stands still while its connection is cut', () => {
  test.for(OURS)(
    `misses nothing outside of its gaps, over ${PROCESSES * STALLS_EACH} stalls: %s`,
    { timeout: LIMIT_MS },
    async (who, context) => {
      using consumer = createConsumer(who === 'ours5' ? 'ioredis5' : 'ioredis');
      const steps = Array.from({ length: PROCESSES }, () => Array.from({ length: STALLS_EACH }, anyStall));
      const results = await Promise.all(steps.map((ofProcess) => runStalls(consumer, ofProcess)));
      const sum = (key: 'missing' | 'unexplained' | 'gaps') =>
        results.reduce((total, result) => total + result[key], 0);
      const stalls = `${PROCESSES * STALLS_EACH} stalls`;
      record(context, who, `7 messages missed by subscribers in ${stalls}`, sum('missing'));
      record(
        context,
        who,
        `7 messages missed by subscribers outside of their gaps, ${stalls}`,
        sum('unexplained'),
      );
      expect(sum('missing')).toBeGreaterThan(1_000); // else the scenario proves nothing
      expect({ unexplained: sum('unexplained'), gaps: sum('gaps') }, JSON.stringify(steps)).toEqual({
        unexplained: 0,
        gaps: PROCESSES * STALLS_EACH,
      });
    },
  );
});
