import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createPoolTotals } from '../../../src/factory/pool-totals.js';
import { PoolCounters } from '../../../src/pool/pool-report.js';
import { eventually } from '../../support/eventually.js';

const labels = { service: 'orders', role: 'pool', target: 'redis://h:6379' };

function countersOf(useMs: readonly number[]): PoolCounters {
  const counters = new PoolCounters();
  useMs.forEach((ms) => counters.use.add(ms));
  return counters;
}

test('pools with the same labels are added up', () => {
  const totals = createPoolTotals((given) => given);
  const [first, second] = [countersOf([1, 2]), countersOf([300])];
  totals.add(labels, first, {});
  totals.add(labels, second, {});
  totals.add({ ...labels, role: 'jobs' }, countersOf([1]), {});
  first.timeouts = 2;
  second.refusals = 3;
  second.countClosed('idle');
  const [sum, jobs] = totals.read();
  expect(sum).toMatchObject({ labels, timeouts: 2, refusals: 3, closed: { idle: 1, lost: 0 } });
  expect(sum?.use.read()).toMatchObject({ count: 3, totalMs: 303, maxMs: 300 });
  expect(sum?.use.cumulative([1, 5, 500])).toEqual([1, 2, 3]);
  expect(jobs?.use.read().count).toBe(1);
});

test('what a pool has counted stays when nobody holds the pool any more, and its counters are freed', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const totals = createPoolTotals((given) => given);
  const addDropped = () => {
    const counters = countersOf([1, 2]);
    totals.add(labels, counters, { pool: 'of nobody' });
    return new WeakRef(counters);
  };
  const reference = addDropped();
  await eventually(() => {
    collectGarbage();
    expect(reference.deref() === undefined).toBe(true); // a failed `expect` would keep the object
  }, 20_000);
  expect(totals.read().map(({ use }) => use.read().count)).toEqual([2]);
});

test('labels are limited when a pool is added', () => {
  const totals = createPoolTotals((given) => ({ ...given, role: 'other' }));
  totals.add(labels, countersOf([1]), {});
  totals.add({ ...labels, role: 'jobs' }, countersOf([1]), {});
  expect(totals.read().map((total) => [total.labels['role'], total.use.read().count])).toEqual([
    ['other', 2],
  ]);
});
