import { describe, expect, test, vi } from 'vitest';
import type { ShutdownReport } from '../../../src/shutdown/shutdown-plan.js';
import { createShutdown, type Shutdown } from '../../../src/shutdown/shutdown.js';
import { createFakeClock, type FakeClock } from '../../support/unit/fake-clock.js';
import { createFakeHandle, facts } from '../../support/unit/ledger/fake-handle.js';
import { thrown } from '../../support/unit/thrown.js';
import { createRoomyLedger } from '../../support/unit/ledger/roomy-ledger.js';

interface Bench {
  readonly door: Shutdown;
  readonly clock: FakeClock;
  readonly onDone: ReturnType<typeof vi.fn<(report: ShutdownReport) => void>>;
}

/** A door before one connection that never closes. */
function bench(): Bench {
  const clock = createFakeClock();
  const ledger = createRoomyLedger({ clock, onMove: () => undefined });
  ledger.open(facts, createFakeHandle());
  const onDone = vi.fn<(report: ShutdownReport) => void>();
  const entries = () => ledger.entries();
  return {
    clock,
    onDone,
    door: createShutdown({ clock, entries, pools: () => [], defaultTimeoutMs: 5_000, onDone }),
  };
}

describe('the door of a factory', () => {
  test('is open until the shutdown begins', () => {
    const { door } = bench();
    expect(door.isOpen()).toBe(true);
    expect(() => door.admit()).not.toThrow();
  });

  test('is shut from the moment the shutdown begins', () => {
    const { door } = bench();
    void door.shutdown();
    expect(door.isOpen()).toBe(false);
    const { message } = thrown('HYG_SHUT_DOWN', () => door.admit());
    expect(message).toMatch(/^The factory is shutting down/);
  });

  test('stays open where the shutdown was refused', () => {
    const { door } = bench();
    for (const timeoutMs of [99, 300_001])
      thrown('HYG_OPTION_RANGE', () => void door.shutdown({ timeoutMs }));
    thrown('HYG_OPTION_TYPE', () => void door.shutdown({ timeoutMs: '5000' as unknown as number }));
    expect(door.isOpen()).toBe(true);
  });
});

describe('a shutdown', () => {
  test('runs once: later calls get the same promise, and the first decides on the time', async () => {
    const { door, clock, onDone } = bench();
    const first = door.shutdown({ timeoutMs: 1_000 });
    expect(door.shutdown({ timeoutMs: 9_000 })).toBe(first);
    await clock.advance(1_000);
    expect(door.shutdown()).toBe(first);
    expect(await first).toMatchObject({ timeoutMs: 1_000 });
    expect(onDone).toHaveBeenCalledExactlyOnceWith(await first);
  });

  test('takes the time of the factory where none was given', async () => {
    const { door, clock, onDone } = bench();
    void door.shutdown();
    await clock.advance(4_999);
    expect(onDone).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(onDone).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ timeoutMs: 5_000 }));
  });
});
