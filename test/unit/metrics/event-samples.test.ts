import { expect, test } from 'vitest';
import { createEventCounts } from '../../../src/factory/event-counts.js';
import { eventSamples } from '../../../src/metrics/event-samples.js';
import { sumByLabels } from '../../../src/metrics/samples.js';
import { place } from '../../support/unit/metrics/metric-source.js';

const dialled = { event: 'connecting', labels: place, count: 3 } as const;

test('a counter begins at 0 with the first dial, so that its first event is a rise', () => {
  const labels = ['service', 'role', 'target', 'cause'];
  const before = eventSamples([dialled], 'stale', labels);
  expect(before.map((sample) => [sample.labels['cause'], sample.value])).toEqual([
    ['kernel', 0],
    ['deadline', 0],
    ['keepalive', 0],
    ['handshake', 0],
    ['stall-limit', 0],
  ]);
  const stale = { event: 'stale', labels: { ...place, cause: 'kernel' }, count: 2 } as const;
  const after = sumByLabels(eventSamples([dialled, stale], 'stale', labels));
  expect(after).toHaveLength(5);
  expect(after[0]).toEqual({ labels: { ...place, cause: 'kernel' }, value: 2 });
});

test('a counter without target begins at 0 once for each role', () => {
  const other = { ...dialled, labels: { ...place, target: 'redis://i:6379' } };
  const samples = sumByLabels(eventSamples([dialled, other], 'suspect', ['service', 'role']));
  expect(samples).toEqual([{ labels: { service: 'orders', role: 'command' }, value: 0 }]);
});

test('a counter of what only subscribers or pools have begins at 0 where it was expected', () => {
  const counts = createEventCounts();
  counts.expect('gap', { ...place, role: 'subscriber' });
  counts.count('lease-overdue', { service: 'orders', role: 'pool' });
  counts.expect('lease-overdue', { service: 'orders', role: 'pool' });
  const events = [dialled, ...counts.read()];
  expect(eventSamples(events, 'gap', ['service', 'role', 'target'])).toEqual([
    { labels: { ...place, role: 'subscriber' }, value: 0 },
  ]);
  expect(eventSamples(events, 'lease-overdue', ['service', 'role'])).toEqual([
    { labels: { service: 'orders', role: 'pool' }, value: 1 },
  ]);
});

test('a counter by code begins with its first event', () => {
  const error = { event: 'error', labels: { service: 'orders', code: 'HYG_STALLED' }, count: 1 } as const;
  expect(eventSamples([dialled, error], 'error', ['service', 'code'])).toEqual([
    { labels: error.labels, value: 1 },
  ]);
});
