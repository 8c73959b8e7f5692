import { describe, expect, test, vi } from 'vitest';
import type { ShutdownReport } from '../../../src/shutdown/shutdown-plan.js';
import { createShutdown, type Shutdown } from '../../../src/shutdown/shutdown.js';
import { createFakeClock, type FakeClock } from '../../support/unit/fake-clock.js';
import { createFakeHandle, facts } from '../../support/unit/ledger/fake-handle.js';
import { thrown } from '../../support/unit/thrown.js';
import { createRoomyLedger } from '../../support/unit/ledger/roomy-ledger.js';

interface Setup {
  readonly shutdown: Shutdown;
  readonly clock: FakeClock;
  readonly onDone: ReturnType<typeof vi.fn<(report: ShutdownReport) => void>>;
}

/** The shutdown of a factory with one connection that never closes. */
function setUp(): Setup {
  const clock = createFakeClock();
  const ledger = createRoomyLedger({ clock, onMove: () => undefined });
  ledger.open(facts, createFakeHandle());
  const onDone = vi.fn<(report: ShutdownReport) => void>();
  const entries = () => ledger.entries();
  return {
    clock,
    onDone,
    shutdown: createShutdown({ clock, entries, pools: () => [], defaultTimeoutMs: 5_000, onDone }),
  };
}

describe('a factory', () => {
  test('is open until the shutdown begins', () => {
    const { shutdown } = setUp();
    expect(shutdown.isOpen()).toBe(true);
    expect(() => shutdown.assertOpen()).not.toThrow();
  });

  test('is closed as soon as the shutdown begins', () => {
    const { shutdown } = setUp();
    void shutdown.shutdown();
    expect(shutdown.isOpen()).toBe(false);
    const { message } = thrown('HYG_SHUT_DOWN', () => shutdown.assertOpen());
    expect(message).toMatch(/^The factory is shutting down/);
  });

  test('stays open if the options of the shutdown are refused', () => {
    const { shutdown } = setUp();
    for (const timeoutMs of [99, 300_001])
      thrown('HYG_OPTION_RANGE', () => void shutdown.shutdown({ timeoutMs }));
    thrown('HYG_OPTION_TYPE', () => void shutdown.shutdown({ timeoutMs: '5000' as unknown as number }));
    expect(shutdown.isOpen()).toBe(true);
  });
});

describe('a shutdown', () => {
  test('runs once: later calls return the same promise, and the timeout of the first call applies', async () => {
    const { shutdown, clock, onDone } = setUp();
    const first = shutdown.shutdown({ timeoutMs: 1_000 });
    expect(shutdown.shutdown({ timeoutMs: 9_000 })).toBe(first);
    await clock.advance(1_000);
    expect(shutdown.shutdown()).toBe(first);
    expect(await first).toMatchObject({ timeoutMs: 1_000 });
    expect(onDone).toHaveBeenCalledExactlyOnceWith(await first);
  });

  test('has the timeout of the factory by default', async () => {
    const { shutdown, clock, onDone } = setUp();
    void shutdown.shutdown();
    await clock.advance(4_999);
    expect(onDone).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(onDone).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ timeoutMs: 5_000 }));
  });
});
