import { describe, expect, test, vi } from 'vitest';
import { createBudget } from '../../../src/ledger/budget.js';
import {
  createCallSiteMonitor,
  createConnectionCounts,
  type SuspectReport,
} from '../../../src/ledger/connection-counts.js';
import { createLedger, type MoveListener } from '../../../src/ledger/ledger.js';
import type { BudgetClass } from '../../../src/ledger/connection.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';
import { thrown } from '../../support/unit/thrown.js';
import { createFakeHandle, facts } from '../../support/unit/ledger/fake-handle.js';

function setUp({ limit = 2, perCallSite = 1 } = {}) {
  const counts = createConnectionCounts();
  const onMove = vi.fn<MoveListener>();
  const onSuspect = vi.fn<(report: SuspectReport) => void>();
  const ledger = createLedger({
    clock: createFakeClock(),
    onMove,
    budget: createBudget({ limit, callSiteFrames: 3, counts }),
    callSiteMonitor: createCallSiteMonitor(perCallSite, onSuspect),
  });
  const open = (budgetClass?: BudgetClass) => ledger.open(facts, createFakeHandle(), budgetClass);
  const close = (entry: ReturnType<typeof open>) => entry.move({ kind: 'closed', reason: 'application' });
  return { ledger, counts, onMove, onSuspect, open, close };
}

describe('an entry', () => {
  test.each([undefined, 'counted', 'clusterNode', 'exempt'] as const)(
    'of the class %s is counted until it is closed',
    (budgetClass) => {
      const { counts, open, close } = setUp();
      const entry = open(budgetClass);
      for (const kind of ['connected', 'reconnecting', 'connecting'] as const) {
        entry.move({ kind });
        expect(counts.byRole()).toEqual({ pool: 1 });
      }
      close(entry);
      expect(counts.used).toBe(0);
    },
  );

  test('of the class reserved is not counted, neither when it is opened nor when it is closed', () => {
    const { counts, open, close } = setUp({ limit: 1 });
    open();
    const reserved = [open('reserved'), open('reserved')];
    expect(counts.used).toBe(1);
    reserved.forEach(close);
    expect(counts.used).toBe(1);
  });

  test.each(['counted', 'clusterNode'] as const)(
    'of the class %s is refused above the limit',
    (budgetClass) => {
      const { ledger, onMove, open } = setUp({ limit: 1 });
      open();
      thrown('HYG_LIMIT_CONNECTIONS', () => open(budgetClass));
      expect(ledger.entries()).toHaveLength(1);
      expect(onMove).toHaveBeenCalledTimes(1);
    },
  );

  test('of the class exempt is counted, but never refused', () => {
    const { counts, open, close } = setUp({ limit: 1 });
    const exempt = [open('exempt'), open('exempt')];
    expect(counts.used).toBe(2);
    thrown('HYG_LIMIT_CONNECTIONS', () => open());
    exempt.forEach(close);
    open();
  });

  test('is no longer counted when its move to closed is reported', () => {
    const { onMove, open, close } = setUp({ limit: 1 });
    const entry = open();
    onMove.mockImplementationOnce(() => void open());
    close(entry);
    expect(onMove.mock.results.map(({ type }) => type)).toEqual(['return', 'return', 'return']);
  });
});

describe('a line of code', () => {
  test('is reported for its own clients, after their moves', () => {
    const { onMove, onSuspect, open } = setUp({ limit: 9 });
    open();
    const second = open();
    expect(onSuspect.mock.calls).toMatchObject([[{ count: 2, limit: 1, connection: { id: second.id } }]]);
    expect(onSuspect.mock.invocationCallOrder[0]).toBeGreaterThan(onMove.mock.invocationCallOrder[1] ?? 0);
  });

  test.each(['clusterNode', 'exempt', 'reserved'] as const)(
    'is not reported for connections of the class %s',
    (budgetClass) => {
      const { onSuspect, open, close } = setUp({ limit: 9 });
      const others = [open(budgetClass), open(budgetClass), open(budgetClass)];
      open();
      others.forEach(close);
      expect(onSuspect).not.toHaveBeenCalled();
      open();
      expect(onSuspect).toHaveBeenCalledTimes(1);
    },
  );
});
