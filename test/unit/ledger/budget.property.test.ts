import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Reservation, createBudget } from '../../../src/ledger/budget.js';
import { createConnectionCounts, type BudgetHolder } from '../../../src/ledger/connection-counts.js';
import { thrown } from '../../support/unit/thrown.js';

const action = fc.oneof(
  fc.record({ kind: fc.constant('take' as const), who: fc.nat(3) }),
  fc.record({ kind: fc.constant('giveBack' as const), which: fc.nat() }),
  fc.record({
    kind: fc.constant('reserve' as const),
    who: fc.nat(3),
    places: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({ kind: fc.constant('release' as const), which: fc.nat() }),
);

test('whatever is taken and given back, the count is right, and never above the limit', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 20 }),
    fc.array(action, { maxLength: 200 }),
    (limit, actions) => {
      const holdings = createConnectionCounts();
      const budget = createBudget({ limit, callSiteFrames: 3, holdings });
      const holders: BudgetHolder[] = [0, 1, 2, 3].map((one) => ({
        role: one % 2 ? 'pool' : 'command',
        callSite: one === 3 ? [] : [`line-${one}`],
      }));
      const taken: BudgetHolder[] = [];
      const claims: { claim: Reservation; places: number }[] = [];
      const held = () => taken.length + claims.reduce((sum, { places }) => sum + places, 0);
      const attempt = (fits: boolean, run: () => void) => {
        if (fits) run();
        else thrown('HYG_LIMIT_CONNECTIONS', run);
      };
      for (const one of actions) {
        const before = held();
        if (one.kind === 'take') {
          const holder = holders[one.who] as BudgetHolder;
          attempt(before < limit, () => void (budget.take(holder), taken.push(holder)));
        } else if (one.kind === 'giveBack' && taken.length > 0) {
          const [holder] = taken.splice(one.which % taken.length, 1);
          budget.giveBack(holder as BudgetHolder);
        } else if (one.kind === 'reserve') {
          const { who, places } = one;
          const holder = holders[who] as BudgetHolder;
          attempt(before + places <= limit, () =>
            claims.push({ claim: budget.reserve(holder, places), places }),
          );
        } else if (one.kind === 'release' && claims.length > 0) {
          const [gone] = claims.splice(one.which % claims.length, 1);
          gone?.claim.release();
          gone?.claim.release();
        }
        const byRole = Object.values(holdings.byRole());
        const bySite = holdings.bySite().map(({ count }) => count);
        expect(holdings.used).toBe(held());
        expect(holdings.used).toBeLessThanOrEqual(limit);
        expect(byRole.reduce((sum, count) => sum + count, 0)).toBe(held());
        expect([...byRole, ...bySite].filter((count) => count <= 0)).toEqual([]);
        expect(bySite).toEqual(bySite.toSorted((a, b) => b - a));
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
});
