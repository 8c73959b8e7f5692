import { expect, test } from 'vitest';
import type { LeaseReport, PoolReport } from '../../../src/pool/pool-report.js';
import { createShutdown } from '../../../src/shutdown/shutdown.js';
import { createFakeClock, type FakeClock } from '../../support/unit/fake-clock.js';
import { createFakeHandle, facts } from '../../support/unit/ledger/fake-handle.js';
import { createRoomyLedger } from '../../support/unit/ledger/roomy-ledger.js';

const lease: LeaseReport = {
  ...{ pool: 'orders@web-1#pool', name: 'leaky', site: 'app.js:1:1', stack: 'leaky (app.js:1:1)' },
  ...{ since: 0, heldMs: 600, lastCommand: 'get' },
};
const report: PoolReport = { closed: 0, forced: 1, leases: [lease] };

/** A pool that takes so long, whatever time it is given; for ever where that is nothing. */
function bench(takesMs: (timeoutMs: number) => number | undefined) {
  const clock = createFakeClock();
  const ledger = createRoomyLedger({ clock, onMove: () => undefined });
  ledger.open(facts, createFakeHandle());
  const asked: number[] = [];
  const pool = {
    close({ timeoutMs }: { readonly timeoutMs: number }): Promise<PoolReport> {
      asked.push(timeoutMs);
      const ms = takesMs(timeoutMs);
      return new Promise((resolve) => ms !== undefined && clock.after(ms, () => resolve(report)));
    },
  };
  const door = createShutdown({
    clock,
    entries: () => ledger.entries(),
    pools: () => [pool],
    defaultTimeoutMs: 5_000,
    onDone: () => undefined,
  });
  return { clock, door, asked };
}

/** A second, in steps: between two of its timers a shutdown waits for turns of the event loop. */
async function pass(clock: FakeClock): Promise<void> {
  for (let i = 0; i < 100; i += 1) await clock.advance(10);
}

test('leases may take the larger part of the time to come back', async () => {
  const { clock, door, asked } = bench((timeoutMs) => timeoutMs);
  const closing = door.shutdown({ timeoutMs: 1_000 });
  await pass(clock);
  expect(await closing).toMatchObject({ leases: [lease] });
  expect(asked).toEqual([600]);
});

test.for([
  ['for ever', undefined, []],
  ['until its connections are closed', 900, [lease]],
] as const)('a pool that takes %s does not hold it up', async ([, ms, leases]) => {
  const { clock, door } = bench(() => ms);
  const closing = door.shutdown({ timeoutMs: 1_000 });
  await pass(clock);
  expect(await closing).toMatchObject({ leases });
});
