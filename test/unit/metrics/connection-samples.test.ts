import { describe, expect, test } from 'vitest';
import {
  closedSockets,
  disconnectedStates,
  socketStates,
  stalledConnections,
  usableConnections,
  waitingConnections,
} from '../../../src/metrics/connection-samples.js';
import { sumByLabels } from '../../../src/metrics/samples.js';
import {
  connection,
  createSource,
  place,
  pool,
  poolTotal,
} from '../../support/unit/metrics/metric-source.js';

describe('connections with a socket', () => {
  /** Numbers by state. */
  function states(given: Parameters<typeof createSource>[0]): Record<string, number> {
    const samples = sumByLabels(socketStates(createSource(given)));
    return Object.fromEntries(samples.map(({ labels, value }) => [labels['state'] ?? '', value]));
  }

  test('are used while commands are in flight', () => {
    const connections = [connection(), connection(), connection({ isInUse: true })];
    expect(states({ connections })).toEqual({ idle: 2, used: 1 });
  });

  test('are used in their handshake, which a library’s client has none of', () => {
    const connections = [
      connection({ state: 'connected' }),
      connection({ state: 'connected', user: 'library' }),
    ];
    expect(states({ connections })).toEqual({ idle: 1, used: 1 });
  });

  test('of a pool are used in their handshake, but not twice if they are leased too', () => {
    const [ready, introducing] = (['ready', 'connected'] as const).map((state) =>
      connection({ state, user: 'pool' }),
    ) as [ReturnType<typeof connection>, ReturnType<typeof connection>];
    const connections = [ready, ready, introducing];
    expect(states({ connections, pools: [pool({ connecting: 1 })] })).toEqual({ used: 1, idle: 2 });
    expect(states({ connections, pools: [pool({ used: 1 })] })).toEqual({ used: 1, idle: 2 });
    expect(states({ connections, pools: [pool({ used: 1, connecting: 1 })] })).toEqual({ used: 2, idle: 1 });
  });

  test('of a pool are used while they are leased or reset, whatever is in flight', () => {
    const connections = Array.from({ length: 4 }, () => connection({ user: 'pool', isInUse: true }));
    expect(states({ connections, pools: [pool({ used: 1 }), pool({ resetting: 1 })] })).toEqual({
      used: 2,
      idle: 2,
    });
  });

  test('are never fewer than the used ones, if a borrower still has a connection that was lost', () => {
    const connections = [connection({ user: 'pool' })];
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

test('usable, stalled and waiting connections are counted from 0 on', () => {
  const source = createSource({
    connections: [
      connection(),
      connection({ isStalled: true }),
      connection({ state: 'connected' }),
      connection({ state: 'connected', user: 'library' }),
      connection({ state: 'connecting', isServerFull: true }),
      connection({ state: 'reconnecting' }),
    ],
  });
  const count = (read: typeof usableConnections) => sumByLabels(read(source)).map(({ value }) => value);
  expect(count(usableConnections)).toEqual([2]);
  expect(count(stalledConnections)).toEqual([1]);
  expect(count(waitingConnections)).toEqual([1]);
  const idle = createSource({ connections: [connection()] });
  expect(waitingConnections(idle)).toEqual([{ labels: place, value: 0 }]);
});

describe('a socket that closed', () => {
  test('begins at 0 for each reason, and as idle only where a pool may close it', () => {
    const events = [{ event: 'connecting', labels: place, count: 1 }] as const;
    const reasons = (given: Parameters<typeof createSource>[0]) =>
      closedSockets(createSource(given)).map(({ labels }) => labels['reason']);
    const shared = ['application_close', 'healthcheck_failed', 'server_close', 'error'];
    expect(reasons({ events })).toEqual(shared);
    expect(reasons({ events, poolTotals: [poolTotal([])] })).toEqual([...shared, 'pool_eviction_idle']);
  });

  test.each([
    ['reconnecting', 'ready', 'stale', undefined, 'healthcheck_failed'],
    ['reconnecting', 'connected', 'server', undefined, 'server_close'],
    ['reconnecting', 'ready', 'error', undefined, 'error'],
    ['reconnecting', 'ready', 'redial', undefined, 'application_close'],
    ['closed', 'ready', 'unknown', 'application', 'application_close'],
    ['closed', 'ready', 'unknown', 'shutdown', 'application_close'],
    ['closed', 'ready', 'unknown', 'pool', 'application_close'],
    ['closed', 'connected', 'server', 'application', 'application_close'], // a library's client
    ['closed', 'connected', 'server', 'shutdown', 'application_close'],
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
