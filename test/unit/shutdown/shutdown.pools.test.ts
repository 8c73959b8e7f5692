import { expect, test } from 'vitest';
import type { LeaseReport, PoolReport } from '../../../src/pool/pool-report.js';
import { createShutdown } from '../../../src/shutdown/shutdown.js';
import { createFakeClock, type FakeClock } from '../../support/unit/fake-clock.js';
import { createFakeHandle, facts } from '../../support/unit/ledger/fake-handle.js';
import { createRoomyLedger } from '../../support/unit/ledger/roomy-ledger.js';

const lease: LeaseReport = {
  ...{ pool: 'orders@web-1#pool', name: 'leaky', location: 'app.js:1:1', stack: 'leaky (app.js:1:1)' },
  ...{ since: 0, heldMs: 600, lastCommand: 'get' },
};
const report: PoolReport = { closed: 0, forced: 1, leases: [lease] };

/** A factory with a pool whose close() takes as long as `closeMs` returns. `undefined` means forever. */
function setUp(closeMs: (timeoutMs: number) => number | undefined) {
  const clock = createFakeClock();
  const ledger = createRoomyLedger({ clock, onMove: () => undefined });
  ledger.open(facts, createFakeHandle());
  const timeouts: number[] = [];
  const pool = {
    close({ timeoutMs }: { readonly timeoutMs: number }): Promise<PoolReport> {
      timeouts.push(timeoutMs);
      const ms = closeMs(timeoutMs);
      return new Promise((resolve) => ms !== undefined && clock.after(ms, () => resolve(report)));
    },
  };
  const { shutdown } = createShutdown({
    clock,
    entries: () => ledger.entries(),
    pools: () => [{ pool, leases: () => [lease] }],
    defaultTimeoutMs: 5_000,
    onDone: () => undefined,
  });
  return { clock, shutdown, timeouts };
}

/** Advances a second in steps, because a shutdown waits for turns of the event loop between two timers. */
async function advanceOneSecond(clock: FakeClock): Promise<void> {
  for (let step = 0; step < 100; step += 1) await clock.advance(10);
}

test('leases may be released within 60 % of the timeout', async () => {
  const { clock, shutdown, timeouts } = setUp((timeoutMs) => timeoutMs);
  const closing = shutdown({ timeoutMs: 1_000 });
  await advanceOneSecond(clock);
  expect(await closing).toMatchObject({ leases: [lease] });
  expect(timeouts).toEqual([600]);
});

test.for([
  ['forever', undefined],
  ['longer than its share of the timeout', 900],
] as const)(
  'a pool that takes %s does not delay the shutdown, and its leases are in the report',
  async ([, ms]) => {
    const { clock, shutdown } = setUp(() => ms);
    const closing = shutdown({ timeoutMs: 1_000 });
    await advanceOneSecond(clock);
    expect(await closing).toMatchObject({ leases: [lease] });
  },
);
