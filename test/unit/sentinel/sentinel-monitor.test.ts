import { describe, expect, test } from 'vitest';
import { at, createMonitorBench, other } from '../../support/unit/sentinel/sentinel-monitor-harness.js';

describe('a sentinel monitor', () => {
  test('watches the configured sentinels from start to stop, and can start again', () => {
    const { monitor, watched, listenerOf } = createMonitorBench([at(1), at(2)]);
    expect(watched()).toEqual([]);
    monitor.start();
    expect(watched()).toEqual(['h:1', 'h:2']);
    expect(listenerOf('h:1').name).toBe('mymaster');
    monitor.stop();
    expect(watched()).toEqual([]);
    monitor.start();
    expect(watched()).toEqual(['h:1', 'h:2']);
  });

  test('passes on the votes of a sentinel, and how they were detected', () => {
    const { monitor, votes, listenerOf, report } = createMonitorBench([at(1)]);
    monitor.start();
    report('h:1', 'id-1');
    listenerOf('h:1').onSwitch(at(6380), at(6379));
    expect(votes).toEqual([
      ['h:1', 6379, 1, 'query'],
      ['h:1', 6380, undefined, 'switch-master'],
    ]);
  });

  test('ignores a sentinel that it does not watch any more', () => {
    const { monitor, votes, listenerOf } = createMonitorBench([at(1)]);
    monitor.start();
    const listener = listenerOf('h:1');
    monitor.stop();
    listener.onReport({ master: at(1), epoch: 1, id: 'id-1', others: [other(2)] });
    listener.onUnreachable();
    expect(votes).toEqual([]);
  });
});

describe('sentinels that others report', () => {
  test('are watched too, under the address where they are reached', () => {
    const { monitor, watched, report } = createMonitorBench([at(1)], {
      mapDiscoveredAddress: ({ port }) => at(port, 'outside'),
    });
    monitor.start();
    report('h:1', 'id-1', [2, 3]);
    expect(watched()).toEqual(['h:1', 'outside:2', 'outside:3']);
  });

  test('are not watched if the caller wants only the configured ones', () => {
    const { monitor, watched, report } = createMonitorBench([at(1)], { mapDiscoveredAddress: undefined });
    monitor.start();
    report('h:1', 'id-1', [2, 3]);
    expect(watched()).toEqual(['h:1']);
  });

  test('are watched up to the limit, configured ones included', () => {
    const { monitor, watched, report } = createMonitorBench([at(1), at(2)], { maxSentinels: 3 });
    monitor.start();
    report('h:1', 'id-1', [2, 3, 4]);
    report('h:2', 'id-2', [1, 3, 4]);
    expect(watched()).toEqual(['h:1', 'h:2', 'h:3']);
  });

  test('leave out configured sentinels above the limit', () => {
    const { monitor, watched } = createMonitorBench([at(1), at(2), at(3)], { maxSentinels: 2 });
    monitor.start();
    expect(watched()).toEqual(['h:1', 'h:2']);
  });

  test('are watched only when each configured one has reported its id, or cannot be reached', () => {
    const { monitor, watched, listenerOf, report } = createMonitorBench([at(1), at(2, 'localhost'), at(3)]);
    monitor.start();
    report('h:1', 'id-1', [2, 3, 4]);
    report('localhost:2', 'id-2', [1, 3, 4]);
    expect(watched()).toEqual(['h:1', 'localhost:2', 'h:3']);
    listenerOf('h:3').onUnreachable();
    expect(watched()).toEqual(['h:1', 'localhost:2', 'h:3', 'h:4']);
  });

  test('are watched by their address if they have no id', () => {
    const { monitor, watched, listenerOf } = createMonitorBench([at(1)]);
    monitor.start();
    const others = [1, 2].map((port) => ({ address: at(port), id: undefined }));
    listenerOf('h:1').onReport({ master: undefined, epoch: undefined, id: undefined, others });
    expect(watched()).toEqual(['h:1', 'h:2']);
  });
});

describe('a sentinel with two addresses', () => {
  test('is watched once, under the configured address', () => {
    const { monitor, watched, listenerOf, report } = createMonitorBench([at(1), at(2, 'localhost')]);
    monitor.start();
    listenerOf('localhost:2').onUnreachable();
    report('h:1', 'id-1', [2]);
    report('h:2', 'id-2', [1]);
    expect(watched()).toEqual(['h:1', 'localhost:2', 'h:2']);
    report('localhost:2', 'id-2', [1]);
    report('h:1', 'id-1', [2]);
    expect(watched()).toEqual(['h:1', 'localhost:2']);
  });

  test('is watched once if the same address was configured twice', () => {
    const subscribed: string[] = [];
    const { monitor } = createMonitorBench([at(1), at(1)], {
      subscribe: ({ port }) => {
        subscribed.push(`watch ${port}`);
        return () => undefined;
      },
    });
    monitor.start();
    expect(subscribed).toEqual(['watch 1']);
  });

  test('is watched once, under the configured address that reported first', () => {
    const { monitor, watched, report } = createMonitorBench([at(1), at(1, 'localhost')]);
    monitor.start();
    report('localhost:1', 'id-1');
    report('h:1', 'id-1');
    expect(watched()).toEqual(['localhost:1']);
  });

  test('is watched under both addresses if it does not report its id', () => {
    const { monitor, watched, report } = createMonitorBench([at(1), at(1, 'localhost')]);
    monitor.start();
    report('localhost:1', undefined);
    report('h:1', undefined);
    expect(watched()).toEqual(['h:1', 'localhost:1']);
  });
});

describe('a sentinel that has moved', () => {
  test('is not watched any more once it is lost and no other sentinel reports it', () => {
    const { monitor, watched, listenerOf, report } = createMonitorBench([at(1)]);
    monitor.start();
    report('h:1', 'id-1', [2]);
    report('h:2', 'id-2', [1]);
    listenerOf('h:2').onUnreachable();
    expect(watched()).toEqual(['h:1', 'h:2']); // sentinel 1 still reports it
    report('h:1', 'id-1', [3]);
    listenerOf('h:2').onUnreachable();
    expect(watched()).toEqual(['h:1', 'h:3']);
  });

  test('makes room for the reported ones', () => {
    const { monitor, watched, listenerOf, report } = createMonitorBench([at(1)], { maxSentinels: 2 });
    monitor.start();
    report('h:1', 'id-1', [2]);
    report('h:1', 'id-1', [3]);
    expect(watched()).toEqual(['h:1', 'h:2']);
    listenerOf('h:2').onUnreachable();
    expect(watched()).toEqual(['h:1', 'h:3']);
  });

  test('does not count as reported by a sentinel that cannot be reached', () => {
    const { monitor, watched, listenerOf, report } = createMonitorBench([at(1)]);
    monitor.start();
    report('h:1', 'id-1', [2]);
    listenerOf('h:1').onUnreachable();
    listenerOf('h:2').onUnreachable();
    expect(watched()).toEqual(['h:1']);
    report('h:1', 'id-1', [2]);
    expect(watched()).toEqual(['h:1', 'h:2']);
  });

  test('is watched for ever if it was configured', () => {
    const { monitor, watched, listenerOf } = createMonitorBench([at(1)]);
    monitor.start();
    for (let dial = 0; dial < 3; dial += 1) listenerOf('h:1').onUnreachable();
    expect(watched()).toEqual(['h:1']);
  });
});

test('a sentinel monitor tells when each sentinel has answered or cannot be reached, and which is lost', () => {
  const { monitor, calls, listenerOf, report } = createMonitorBench([at(1), at(2)]);
  monitor.start();
  report('h:1', 'id-1');
  expect(calls).toEqual([]);
  listenerOf('h:2').onUnreachable();
  expect(calls).toEqual(['lost', 'settled']);
});
