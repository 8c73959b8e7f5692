import { describe, expect, test, vi } from 'vitest';
import { createBudget } from '../../../src/ledger/budget.js';
import {
  createConnectionCounts,
  createCallSiteMonitor,
  type Suspicion,
} from '../../../src/ledger/connection-counts.js';
import { createLedger, type MoveListener } from '../../../src/ledger/ledger.js';
import type { BudgetClass } from '../../../src/ledger/connection.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';
import { thrown } from '../../support/unit/thrown.js';
import { createFakeHandle, facts } from '../../support/unit/ledger/fake-handle.js';

function bench({ limit = 2, perCallSite = 1 } = {}) {
  const holdings = createConnectionCounts();
  const onMove = vi.fn<MoveListener>();
  const onSuspect = vi.fn<(suspicion: Suspicion) => void>();
  const ledger = createLedger({
    clock: createFakeClock(),
    onMove,
    budget: createBudget({ limit, callSiteFrames: 3, holdings }),
    suspects: createCallSiteMonitor(perCallSite, onSuspect),
  });
  const open = (standing?: BudgetClass) => ledger.open(facts, createFakeHandle(), standing);
  const close = (entry: ReturnType<typeof open>) => entry.move({ kind: 'closed', reason: 'application' });
  return { ledger, holdings, onMove, onSuspect, open, close };
}

describe('an entry', () => {
  test.each([undefined, 'counted', 'clusterNode', 'exempt'] as const)(
    'that is %s has its place until it is closed',
    (standing) => {
      const { holdings, open, close } = bench();
      const entry = open(standing);
      for (const kind of ['connected', 'reconnecting', 'connecting'] as const) {
        entry.move({ kind });
        expect(holdings.byRole()).toEqual({ pool: 1 });
      }
      close(entry);
      expect(holdings.used).toBe(0);
    },
  );

  test('that is covered takes no place, and gives none back', () => {
    const { holdings, open, close } = bench({ limit: 1 });
    open();
    const covered = [open('reserved'), open('reserved')];
    expect(holdings.used).toBe(1);
    covered.forEach(close);
    expect(holdings.used).toBe(1);
  });

  test.each(['counted', 'clusterNode'] as const)(
    'that is %s is refused where there is no place',
    (standing) => {
      const { ledger, onMove, open } = bench({ limit: 1 });
      open();
      thrown('HYG_LIMIT_CONNECTIONS', () => open(standing));
      expect(ledger.entries()).toHaveLength(1);
      expect(onMove).toHaveBeenCalledTimes(1);
    },
  );

  test('that is a guide is counted, and never refused', () => {
    const { holdings, open, close } = bench({ limit: 1 });
    const guides = [open('exempt'), open('exempt')];
    expect(holdings.used).toBe(2);
    thrown('HYG_LIMIT_CONNECTIONS', () => open());
    guides.forEach(close);
    open();
  });

  test('has left its place when its end is told', () => {
    const { onMove, open, close } = bench({ limit: 1 });
    const entry = open();
    onMove.mockImplementationOnce(() => void open());
    close(entry);
    expect(onMove.mock.results.map(({ type }) => type)).toEqual(['return', 'return', 'return']);
  });
});

describe('a line of code', () => {
  test('is suspected for its own clients, after they have been told', () => {
    const { onMove, onSuspect, open } = bench({ limit: 9 });
    open();
    const second = open();
    expect(onSuspect.mock.calls).toMatchObject([[{ count: 2, limit: 1, connection: { id: second.id } }]]);
    expect(onSuspect.mock.invocationCallOrder[0]).toBeGreaterThan(onMove.mock.invocationCallOrder[1] ?? 0);
  });

  test.each(['clusterNode', 'exempt', 'reserved'] as const)(
    'is not suspected for those that are %s',
    (standing) => {
      const { onSuspect, open, close } = bench({ limit: 9 });
      const others = [open(standing), open(standing), open(standing)];
      open();
      others.forEach(close);
      expect(onSuspect).not.toHaveBeenCalled();
      open();
      expect(onSuspect).toHaveBeenCalledTimes(1);
    },
  );
});
