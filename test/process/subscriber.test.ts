import { expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES } from '../support/consumer.js';
import { runStalls, STALLS } from '../support/stalled-subscriber.js';

test.concurrent.for(IOREDIS_COPIES)(
  'with %s: a connection that is lost while the process stands still has a gap that covers all that was missed',
  { timeout: 60_000 },
  async (copy, { expect: expectHere }) => {
    using consumer = createConsumer(copy);
    const steps = STALLS.map((stall) => ({ stall, stalledMs: 3_500, cutAfterMs: 400 }));
    const { missing, unexplained, gaps } = await runStalls(consumer, steps);
    expectHere({ unexplained, gaps }).toEqual({ unexplained: 0, gaps: steps.length });
    expect(missing).toBeGreaterThan(steps.length * 100); // else the test proves nothing
  },
);
