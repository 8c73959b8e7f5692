import type { ConnectionFacts, StateKind, PendingWork } from '../../../../src/ledger/connection.js';
import type { LedgerEntry } from '../../../../src/ledger/ledger.js';
import { drain } from '../../../../src/shutdown/drain.js';
import type { DrainReport } from '../../../../src/shutdown/shutdown-plan.js';
import { createFakeClock, type FakeClock } from '../fake-clock.js';
import { createFakeHandle, facts, idle, type FakeHandle } from '../ledger/fake-handle.js';
import { createRoomyLedger } from '../ledger/roomy-ledger.js';

interface Connection {
  readonly entry: LedgerEntry;
  readonly handle: FakeHandle;
  /** Its socket closes, with that work undone. */
  readonly close: (undone?: Partial<PendingWork>) => void;
}

/** What a connection is opened with; it is ready and idle otherwise. */
export type Opening = Partial<PendingWork> &
  Partial<ConnectionFacts> & { state?: Exclude<StateKind, 'closed'> };

/** Connections that close when the test says so, and a drain over them. */
export interface DrainBench {
  readonly clock: FakeClock;
  readonly open: (given?: Opening) => Connection;
  /** Begins to drain; `report` is there once it has ended. */
  readonly drain: (timeoutMs: number) => { report?: DrainReport };
}

const wayTo = {
  connecting: [],
  connected: ['connected'],
  ready: ['connected', 'ready'],
  reconnecting: ['reconnecting'],
} as const;

export function createDrainBench(): DrainBench {
  const clock = createFakeClock();
  const ledger = createRoomyLedger({ clock, onMove: () => undefined });
  return {
    clock,
    open({ state = 'ready', pending = 0, unsent = 0, blocked = false, ...given } = {}) {
      const handle = createFakeHandle({ pending, unsent, blocked });
      const entry = ledger.open({ ...facts, ...given }, handle);
      for (const kind of wayTo[state]) entry.move({ kind });
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
