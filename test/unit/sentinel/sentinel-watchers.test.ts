import { describe, expect, test } from 'vitest';
import { type SentinelAccess, createSentinelWatchers } from '../../../src/sentinel/sentinel-watchers.js';
import { turn } from '../../support/unit/fake-clock.js';
import {
  createListener,
  createConnections,
  QUERIES,
} from '../../support/unit/sentinel/sentinel-watchers-harness.js';

function createBench() {
  const bench = createConnections();
  const opened: string[] = [];
  const factories = new Map<string, object>();
  /** Access of one factory to the sentinel. */
  function access(factory: string, { key = 'sentinel', isOpen = (): boolean => true } = {}): SentinelAccess {
    const open: SentinelAccess['open'] = (listener) => {
      opened.push(factory);
      return bench.ports.open(listener);
    };
    const own = factories.get(factory) ?? {};
    factories.set(factory, own);
    return { key, bounds: bench.ports.bounds, factory: own, isOpen, open };
  }
  return { ...bench, watchers: createSentinelWatchers(bench.clock), opened, access };
}

describe('the watchers of a process', () => {
  test('are one for each sentinel, until its last listener unsubscribes', async () => {
    const { watchers, access, opened, connections } = createBench();
    const listeners = [createListener(), createListener(), createListener()];
    const unsubscribe = listeners.map(({ listener }) => watchers.subscribe(access('a'), listener));
    expect(opened).toEqual(['a']);
    unsubscribe[0]?.();
    unsubscribe[0]?.();
    unsubscribe[1]?.();
    await turn();
    expect(connections[0]?.isClosed).toBe(false);
    unsubscribe[2]?.();
    expect(connections[0]?.isClosed).toBe(true);
    watchers.subscribe(access('a'), createListener().listener);
    expect(opened).toEqual(['a', 'a']);
  });

  test('are replaced by one of another factory when the last listener of their factory unsubscribes', async () => {
    const { watchers, access, opened, connections } = createBench();
    const [one, other] = [createListener(), createListener()];
    const unsubscribe = watchers.subscribe(access('a'), one.listener);
    const leaveOther = watchers.subscribe(access('b'), other.listener);
    unsubscribe();
    await turn();
    expect(opened).toEqual(['a', 'b']);
    expect(connections.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    leaveOther();
    expect(connections.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(opened).toEqual(['a', 'b']);
  });

  test('are not shared with another sentinel or other credentials', () => {
    const { watchers, access, opened } = createBench();
    watchers.subscribe(access('a'), createListener().listener);
    watchers.subscribe(access('b', { key: 'other' }), createListener().listener);
    expect(opened).toEqual(['a', 'b']);
  });

  test('poll for a new listener over the same connection', async () => {
    const { watchers, access, connect, takeSent, connections } = createBench();
    const [first, second] = [createListener(), createListener()];
    watchers.subscribe(access('a'), first.listener);
    await connect();
    takeSent();
    watchers.subscribe(access('b'), second.listener);
    await turn();
    expect(takeSent()).toContain(QUERIES[0]);
    expect(second.calls).toEqual(['6379 1 ab']);
    expect(connections).toHaveLength(1);
  });

  test('report nothing to a listener that has unsubscribed', async () => {
    const { watchers, access, connect, publish } = createBench();
    const [stays, leaves] = [createListener(), createListener()];
    watchers.subscribe(access('a'), stays.listener);
    const unsubscribe = watchers.subscribe(access('a'), leaves.listener);
    await connect();
    leaves.calls.splice(0);
    unsubscribe();
    await publish('mymaster h 1 h 2');
    expect(leaves.calls).toEqual([]);
    expect(stays.calls).toContain('switch h:2');
  });
});

describe('a factory that shuts down', () => {
  test('is followed by the watcher of the next factory that is open', async () => {
    const { watchers, access, opened, connectionListener, connect, publish } = createBench();
    const open = new Set(['a', 'c']);
    const isOpen = (name: string) => ({ isOpen: () => open.has(name) });
    const listeners = ['a', 'b', 'c'].map((name) => {
      const one = createListener();
      watchers.subscribe(access(name, isOpen(name)), one.listener);
      return one;
    });
    await connect();
    open.delete('a');
    connectionListener().onEnd();
    expect(opened).toEqual(['a', 'c']);
    expect(listeners[2]?.calls).not.toContain('unreachable');
    await connect();
    await publish('mymaster h 1 h 2');
    expect(listeners[2]?.calls).toContain('switch h:2');
  });

  test('has no watcher left if it was the last factory, and a new factory starts a new one', async () => {
    const { watchers, access, opened, connectionListener, connect } = createBench();
    let isOpen = true;
    const unsubscribe = watchers.subscribe(access('a', { isOpen: () => isOpen }), createListener().listener);
    await connect();
    isOpen = false;
    connectionListener().onEnd();
    expect(opened).toEqual(['a']);
    watchers.subscribe(access('b'), createListener().listener);
    expect(opened).toEqual(['a', 'b']);
    unsubscribe();
    expect(opened).toEqual(['a', 'b']);
  });

  test('starts no watcher', () => {
    const { watchers, access, opened } = createBench();
    watchers.subscribe(access('a', { isOpen: () => false }), createListener().listener);
    expect(opened).toEqual([]);
  });
});

test('a watcher whose retry strategy gives up reports that, and starts again with the next listener only', async () => {
  const { watchers, access, opened, connectionListener, connect } = createBench();
  const { listener, calls } = createListener();
  watchers.subscribe(access('a'), listener);
  await connect();
  connectionListener().onEnd();
  await turn();
  expect(opened).toEqual(['a']);
  expect(calls).toEqual(['6379 1 ab', 'unreachable']);
  watchers.subscribe(access('a'), createListener().listener);
  expect(opened).toEqual(['a', 'a']);
});
