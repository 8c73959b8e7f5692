import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetOf, fitsRoom, type TargetBudget } from '../../../../src/doctor/fleet/fleet-budget.js';
import {
  DEFAULT_SURGE,
  defaultReserve,
  type Fleet,
  type FleetService,
  type FleetTarget,
} from '../../../../src/doctor/fleet/fleet.js';

const main: FleetTarget = { name: 'main', maxclients: undefined, reserve: { count: 200 } };

function service(name: string, own: Partial<FleetService> & { connections?: number } = {}): FleetService {
  const { connections = 100, ...rest } = own;
  const uses = [{ target: 'main', connections }];
  return { name, replicas: 12, processes: 1, surge: DEFAULT_SURGE, uses, ...rest };
}

function budget(services: readonly FleetService[], maxclients: number, target = main): TargetBudget {
  return budgetOf({ targets: [target], services }, target, maxclients);
}

const find = ({ services }: TargetBudget, name: string) => services.find((one) => one.service === name);

test('a fleet that fits, with all figures', () => {
  const result = budget(
    [service('orders'), service('mails', { replicas: 4, connections: 17, surge: { count: 1 } })],
    10_000,
  );
  expect(result).toEqual({
    target: 'main',
    maxclients: 10_000,
    reserve: 200,
    room: 9_800,
    steady: { connections: 1_268, over: 0 },
    services: [
      {
        service: 'orders',
        replicas: 12,
        perReplica: 100,
        steady: 1_200,
        surge: 3,
        peak: 1_500,
        rollout: { connections: 1_568, over: 0 },
      },
      {
        service: 'mails',
        replicas: 4,
        perReplica: 17,
        steady: 68,
        surge: 1,
        peak: 85,
        rollout: { connections: 1_285, over: 0 },
      },
    ],
    together: { connections: 1_585, over: 0 },
    atOnce: 2,
  });
  expect([fitsRoom(result, 'alone'), fitsRoom(result, 'together')]).toEqual([true, true]);
});

test('a rollout that does not fit, with the excess and remedies', () => {
  const result = budget([service('orders'), service('mails', { replicas: 4, connections: 10 })], 1_600);
  expect(result.steady).toEqual({ connections: 1_240, over: 0 });
  expect(find(result, 'orders')).toMatchObject({
    rollout: { connections: 1_540, over: 140 },
    // 1400 − 1240 = 160: one replica more, or (1400 − 40) ÷ 15 connections in each.
    remedy: { surge: 1, connections: 90, maxclients: 1_740 },
  });
  expect(find(result, 'mails')).not.toHaveProperty('remedy');
  expect(fitsRoom(result, 'alone')).toBe(false);
});

test('rollouts that fit alone but not together', () => {
  const services = ['a', 'b', 'c'].map((name) => service(name, { replicas: 4, connections: 100 }));
  const result = budget(services, 1_600); // room 1400, steady 1200, each rollout 100 more
  expect(result.together).toEqual({ connections: 1_500, over: 100 });
  expect(result.atOnce).toBe(2);
  expect([fitsRoom(result, 'alone'), fitsRoom(result, 'together')]).toEqual([true, false]);
});

test('a fleet that does not fit even without a rollout', () => {
  const result = budget([service('orders', { replicas: 20 })], 1_000);
  expect(result.steady.over).toBe(1_200);
  expect(result.atOnce).toBe(0);
  expect(find(result, 'orders')?.remedy).toEqual({ connections: 32, maxclients: 2_700 });
  expect([fitsRoom(result, 'alone'), fitsRoom(result, 'together')]).toEqual([false, false]);
});

test('a rollout without surge adds no connections', () => {
  const result = budget([service('orders', { surge: { count: 0 } })], 1_400);
  expect(find(result, 'orders')).toMatchObject({ peak: 1_200, rollout: { over: 0 } });
});

test('connections are counted for each process', () => {
  const result = budget([service('orders', { processes: 4, replicas: 2, connections: 10 })], 1_000);
  expect(find(result, 'orders')).toMatchObject({ perReplica: 40, steady: 80, surge: 1, peak: 120 });
});

test('connections to other targets are not counted', () => {
  const elsewhere = service('orders', { uses: [{ target: 'queue', connections: 5_000 }] });
  expect(budget([elsewhere], 1_000)).toMatchObject({ services: [], steady: { connections: 0 }, atOnce: 0 });
});

describe('the reserve', () => {
  test.each([
    [10_000, 100],
    [1_000, 100],
    [500, 50],
    [11, 2],
    [1, 1],
  ])('for a maxclients of %d is %d by default', (maxclients, reserve) => {
    expect(defaultReserve(maxclients)).toBe(reserve);
    expect(budget([], maxclients, { ...main, reserve: undefined })).toMatchObject({ reserve });
  });

  test('may be a percentage', () => {
    expect(budget([], 10_000, { ...main, reserve: { percent: 5 } })).toMatchObject({
      reserve: 500,
      room: 9_500,
    });
  });
});

describe('any fleet', () => {
  const services = fc.array(
    fc.record({
      replicas: fc.nat(30),
      processes: fc.integer({ min: 1, max: 4 }),
      surge: fc.oneof(fc.record({ count: fc.nat(5) }), fc.record({ percent: fc.nat(200) })),
      connections: fc.integer({ min: 1, max: 200 }),
    }),
    { maxLength: 6 },
  );
  const reserve = fc.oneof(
    fc.constant(undefined),
    fc.record({ count: fc.nat(500) }),
    fc.record({ percent: fc.nat(90) }),
  );

  test('has remedies that just fit', () => {
    const property = fc.property(
      services,
      reserve,
      fc.integer({ min: 1, max: 20_000 }),
      (specs, targetReserve, maxclients) => {
        const target: FleetTarget = { ...main, reserve: targetReserve };
        const named = specs.map((spec, index) => service(`s${index}`, spec));
        const fleet: Fleet = { targets: [target], services: named };
        const result = budgetOf(fleet, target, maxclients);

        const excessOf = (name: string, change: Partial<FleetService>, limit = maxclients) => {
          const changed = named.map((one) => (one.name === name ? { ...one, ...change } : one));
          return find(budgetOf({ ...fleet, services: changed }, target, limit), name)?.rollout.over ?? 0;
        };
        for (const { service: name, remedy, surge, rollout } of result.services) {
          expect(remedy === undefined).toBe(rollout.over === 0);
          if (!remedy) continue;
          if (remedy.surge !== undefined) {
            expect(excessOf(name, { surge: { count: remedy.surge } })).toBe(0);
            expect(excessOf(name, { surge: { count: remedy.surge + 1 } })).toBeGreaterThan(0);
          }
          const excessWith = (connections: number) =>
            excessOf(name, { surge: { count: surge }, uses: [{ target: 'main', connections }] });
          if (remedy.connections !== undefined) expect(excessWith(remedy.connections)).toBe(0);
          expect(excessWith((remedy.connections ?? 0) + 1)).toBeGreaterThan(0);
          expect(excessOf(name, {}, remedy.maxclients)).toBe(0);
          expect(excessOf(name, {}, remedy.maxclients - 1)).toBeGreaterThan(0);
        }
        const extras = result.services.map(({ peak, steady }) => peak - steady).sort((a, b) => b - a);
        const worst = (count: number) =>
          extras.slice(0, count).reduce((a, b) => a + b, result.steady.connections);
        if (result.steady.over === 0) expect(worst(result.atOnce)).toBeLessThanOrEqual(result.room);
        if (result.steady.over === 0 && result.atOnce < extras.length) {
          expect(worst(result.atOnce + 1)).toBeGreaterThan(result.room);
        }
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
