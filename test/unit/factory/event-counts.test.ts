import { describe, expect, test } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import { countEvent, createEventCounts, processEventCounts } from '../../../src/factory/event-counts.js';
import { connectionIn } from '../../support/unit/factory/reporter-harness.js';

const LIMITS = { service: 2, role: 2, target: 2, master: 2 };

describe('counts', () => {
  test('are kept by event and labels', () => {
    const counts = createEventCounts(LIMITS);
    counts.count('stale', { service: 'orders', cause: 'kernel' });
    counts.count('stale', { service: 'orders', cause: 'kernel' });
    counts.count('stale', { service: 'orders', cause: 'deadline' });
    counts.count('stalled', { service: 'orders' });
    expect(counts.read()).toEqual([
      { event: 'stale', labels: { service: 'orders', cause: 'kernel' }, count: 2 },
      { event: 'stale', labels: { service: 'orders', cause: 'deadline' }, count: 1 },
      { event: 'stalled', labels: { service: 'orders' }, count: 1 },
    ]);
  });

  test('that were read do not change', () => {
    const counts = createEventCounts(LIMITS);
    counts.count('stalled', { service: 'orders' });
    const before = counts.read();
    counts.count('stalled', { service: 'orders' });
    expect(before[0]?.count).toBe(1);
  });

  test('of more values than a label may have are those of "other": none is lost, and their number is bounded', () => {
    const counts = createEventCounts(LIMITS);
    for (let target = 0; target < 1_000; target += 1) {
      counts.count('ready', { service: 'orders', target: `redis://h-${target}:6379` });
    }
    expect(counts.read().map(({ labels, count }) => [labels['target'], count])).toEqual([
      ['redis://h-0:6379', 1],
      ['redis://h-1:6379', 1],
      ['other', 998],
    ]);
  });

  test('a value keeps its name wherever it is used', () => {
    const counts = createEventCounts(LIMITS);
    const roles = ['a', 'b', 'c', 'a'].map((role) => counts.limit({ role })['role']);
    expect(roles).toEqual(['a', 'b', 'other', 'a']);
  });
});

test('a failure is counted for its target, if it has one', () => {
  const service = 'failing-service';
  const identity = { service, host: 'h' };
  const target = 'redis://h:6379';
  const createError = (details: object) => new HygieneError('HYG_STALLED', 'x', { details: { ...details } });
  countEvent(identity, 'error', createError({ target }));
  countEvent(identity, 'error', createError({}));
  const own = processEventCounts.read().filter(({ labels }) => labels['service'] === service);
  expect(own.map(({ labels }) => labels)).toEqual([
    { service, code: 'HYG_STALLED', target },
    { service, code: 'HYG_STALLED' },
  ]);
});

test('an event of a factory is counted for its service', () => {
  const connection = connectionIn('closed');
  const service = 'counted-service';
  countEvent({ service, host: 'h' }, 'closed', { at: 1, connection, from: 'ready', reason: 'shutdown' });
  countEvent({ service, host: 'h' }, 'policy', { at: 1, option: 'x', given: 1, used: 2, why: '' });
  const own = processEventCounts.read().filter(({ labels }) => labels['service'] === service);
  const { role, target } = connection;
  expect(own).toEqual([
    {
      event: 'closed',
      labels: { service, role, target, from: 'ready', reason: 'shutdown', loss: 'unknown' },
      count: 1,
    },
  ]);
});
