import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBudget, type Reservation } from '../../../src/ledger/budget.js';
import { type BudgetHolder, createConnectionCounts } from '../../../src/ledger/connection-counts.js';
import { thrown } from '../../support/unit/thrown.js';

const anyAction = fc.oneof(
  fc.record({ kind: fc.constant('acquire' as const), who: fc.nat(3) }),
  fc.record({ kind: fc.constant('release' as const), which: fc.nat() }),
  fc.record({
    kind: fc.constant('reserve' as const),
    who: fc.nat(3),
    count: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({ kind: fc.constant('releaseReservation' as const), which: fc.nat() }),
);

test('after any sequence of calls, the counts are correct and never above the limit', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 20 }),
    fc.array(anyAction, { maxLength: 200 }),
    (limit, actions) => {
      const counts = createConnectionCounts();
      const budget = createBudget({ limit, callSiteFrames: 3, counts });
      const holders: BudgetHolder[] = [0, 1, 2, 3].map((index) => ({
        role: index % 2 ? 'pool' : 'command',
        callSite: index === 3 ? [] : [`line-${index}`],
      }));
      const acquired: BudgetHolder[] = [];
      const reservations: { reservation: Reservation; count: number }[] = [];
      const held = () => acquired.length + reservations.reduce((sum, { count }) => sum + count, 0);
      const attempt = (fits: boolean, run: () => void) => {
        if (fits) run();
        else thrown('HYG_LIMIT_CONNECTIONS', run);
      };
      for (const action of actions) {
        const before = held();
        if (action.kind === 'acquire') {
          const holder = holders[action.who] as BudgetHolder;
          attempt(before < limit, () => void (budget.acquire(holder), acquired.push(holder)));
        } else if (action.kind === 'release' && acquired.length > 0) {
          const [holder] = acquired.splice(action.which % acquired.length, 1);
          budget.release(holder as BudgetHolder);
        } else if (action.kind === 'reserve') {
          const { who, count } = action;
          const holder = holders[who] as BudgetHolder;
          attempt(before + count <= limit, () =>
            reservations.push({ reservation: budget.reserve(holder, count), count }),
          );
        } else if (action.kind === 'releaseReservation' && reservations.length > 0) {
          const [removed] = reservations.splice(action.which % reservations.length, 1);
          removed?.reservation.release();
          removed?.reservation.release();
        }
        const byRole = Object.values(counts.byRole());
        const byCallSite = counts.byCallSite().map(({ count }) => count);
        expect(counts.used).toBe(held());
        expect(counts.used).toBeLessThanOrEqual(limit);
        expect(byRole.reduce((sum, count) => sum + count, 0)).toBe(held());
        expect([...byRole, ...byCallSite].filter((count) => count <= 0)).toEqual([]);
        expect(byCallSite).toEqual(byCallSite.toSorted((a, b) => b - a));
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
});
