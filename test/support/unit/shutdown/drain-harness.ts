import type { ConnectionFacts, PendingWork, StateKind } from '../../../../src/ledger/connection.js';
import type { LedgerEntry } from '../../../../src/ledger/ledger.js';
import { drain } from '../../../../src/shutdown/drain.js';
import type { DrainReport } from '../../../../src/shutdown/shutdown-plan.js';
import { createFakeClock, type FakeClock } from '../fake-clock.js';
import { createFakeHandle, facts, idle, type FakeHandle } from '../ledger/fake-handle.js';
import { createRoomyLedger } from '../ledger/roomy-ledger.js';

interface Connection {
  readonly entry: LedgerEntry;
  readonly handle: FakeHandle;
  /** Closes the connection, with the given work not completed. */
  readonly close: (undone?: Partial<PendingWork>) => void;
}

/** The facts, state and pending work of a new connection. By default, it is ready and idle. */
export type OpenOptions = Partial<PendingWork> &
  Partial<ConnectionFacts> & { state?: Exclude<StateKind, 'closed'> };

/** A drain of connections that the test opens and closes. */
export interface DrainHarness {
  readonly clock: FakeClock;
  readonly open: (options?: OpenOptions) => Connection;
  /** Starts the drain. `report` is set when it has ended. */
  readonly drain: (timeoutMs: number) => { report?: DrainReport };
}

/** The moves from `connecting` to each state. */
const movesTo = {
  connecting: [],
  connected: ['connected'],
  ready: ['connected', 'ready'],
  reconnecting: ['reconnecting'],
} as const;

export function createDrainHarness(): DrainHarness {
  const clock = createFakeClock();
  const ledger = createRoomyLedger({ clock, onMove: () => undefined });
  return {
    clock,
    open({ state = 'ready', pending = 0, unsent = 0, isBlocked = false, ...given } = {}) {
      const handle = createFakeHandle({ pending, unsent, isBlocked });
      const entry = ledger.open({ ...facts, ...given }, handle);
      for (const kind of movesTo[state]) entry.move({ kind });
      return {
        entry,
        handle,
        close(undone = {}) {
          handle.current.work = { ...idle, ...undone };
          entry.move({ kind: 'closed', reason: 'application' });
        },
      };
    },
    drain(timeoutMs) {
      const running: { report?: DrainReport } = {};
      void drain({ clock, entries: () => ledger.entries() }, timeoutMs).then(
        (report) => (running.report = report),
      );
      return running;
    },
  };
}
