import { describe, expect, test } from 'vitest';
import { closedSockets, disconnectedStates, socketStates } from '../../../src/metrics/connection-samples.js';
import { sumByLabels } from '../../../src/metrics/samples.js';
import { connection, createSource, place, pool } from '../../support/unit/metrics/metric-source.js';

describe('connections with a socket', () => {
  const states = (...given: Parameters<typeof createSource>) =>
    Object.fromEntries(
      sumByLabels(socketStates(createSource(...given))).map(({ labels, value }) => [labels['state'], value]),
    );

  test('are used while commands are in flight', () => {
    const connections = [connection(), connection({ isInUse: true }), connection({ state: 'connected' })];
    expect(states({ connections })).toEqual({ idle: 2, used: 1 });
  });

  test('of a pool are used while they are leased or reset, whatever is in flight', () => {
    const connections = Array.from({ length: 4 }, () => connection({ isPooled: true, isInUse: true }));
    expect(states({ connections, pools: [pool({ used: 1 }), pool({ resetting: 1 })] })).toEqual({
      used: 2,
      idle: 2,
    });
  });

  test('are never fewer than the used ones, if a borrower still has a connection that was lost', () => {
    const connections = [connection({ isPooled: true })];
    expect(states({ connections, pools: [pool({ used: 3 })] })).toEqual({ used: 1, idle: 0 });
  });

  test('do not include those that are being dialled or have lost their socket', () => {
    const connections = [connection({ state: 'connecting' }), connection({ state: 'reconnecting' })];
    const source = createSource({ connections });
    expect(states({ connections })).toEqual({});
    expect(disconnectedStates(source).map(({ labels }) => labels['state'])).toEqual([
      'connecting',
      'reconnecting',
    ]);
  });
});

describe('a socket that closed', () => {
  test.each([
    ['reconnecting', 'ready', 'stale', undefined, 'healthcheck_failed'],
    ['reconnecting', 'connected', 'server', undefined, 'server_close'],
    ['reconnecting', 'ready', 'error', undefined, 'error'],
    ['reconnecting', 'ready', 'redial', undefined, 'application_close'],
    ['closed', 'ready', 'unknown', 'application', 'application_close'],
    ['closed', 'ready', 'unknown', 'shutdown', 'application_close'],
    ['closed', 'ready', 'unknown', 'pool', 'application_close'],
    ['closed', 'ready', 'unknown', 'pool-idle', 'pool_eviction_idle'],
    ['closed', 'connected', 'server', 'lost', 'server_close'],
    ['closed', 'connected', 'unknown', 'lost', 'error'],
  ] as const)('%s from %s with loss %s and reason %s counts as %s', (event, from, loss, reason, expected) => {
    const labels = { ...place, from, loss, ...(reason ? { reason } : {}) };
    const source = createSource({ events: [{ event, labels, count: 2 }] });
    expect(closedSockets(source)).toEqual([{ labels: { ...place, reason: expected }, value: 2 }]);
  });

  test('is not one that was never connected, or was lost before', () => {
    const events = ['connecting', 'reconnecting', 'unknown'].map((from) => ({
      ...{ event: 'closed' as const, count: 1 },
      labels: { ...place, from, reason: 'gave-up', loss: 'unknown' },
    }));
    expect(closedSockets(createSource({ events }))).toEqual([]);
  });
});
