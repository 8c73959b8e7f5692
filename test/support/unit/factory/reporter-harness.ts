import { emitEvent } from '../../../../src/core/emitter.js';
import { vi } from 'vitest';
import { createEvents, type Events, type HygieneEvents } from '../../../../src/factory/events.js';
import type { ConnectionInfo, StateKind } from '../../../../src/ledger/connection.js';
import { createReporter, type Reporter } from '../../../../src/factory/reporter.js';
import { createFakeClock, type FakeClock } from '../fake-clock.js';
import { createFakeHandle, facts } from '../ledger/fake-handle.js';
import { createRoomyLedger } from '../ledger/roomy-ledger.js';

interface Bench {
  readonly reporter: Reporter;
  readonly clock: FakeClock;
  readonly events: Events;
  /** Adds a mocked listener for an event. */
  readonly listen: <Name extends keyof HygieneEvents>(
    name: Name,
  ) => ReturnType<typeof vi.fn<(...payload: HygieneEvents[Name]) => void>>;
}

/** A reporter with a fake clock that shows 5000 ms. */
export function createBench(): Bench {
  const events = createEvents();
  const clock = createFakeClock({ startMs: 5_000 });
  return {
    clock,
    events,
    reporter: createReporter((name, payload) => emitEvent(events, name, ...([payload] as never)), clock),
    listen(name) {
      const listener = vi.fn();
      events.on(name, listener);
      return listener;
    },
  };
}

/** Ledger entry of a connection whose state began at 7000 ms. */
export function connectionIn(state: StateKind): ConnectionInfo {
  const ledger = createRoomyLedger({ clock: createFakeClock({ startMs: 7_000 }), onMove: () => undefined });
  return { ...ledger.open(facts, createFakeHandle()).info(), state };
}
