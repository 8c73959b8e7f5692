import { describe, expect, test } from 'vitest';
import { type MasterListener, watchSentinel } from '../../../src/sentinel/sentinel-watchers.js';
import {
  refusal,
  sentinelReplies,
  type Replies,
} from '../../support/unit/sentinel/fake-subscription-connection.js';
import {
  createListener,
  createConnections,
  QUERIES,
  SUBSCRIBE,
  UNSUBSCRIBE,
} from '../../support/unit/sentinel/sentinel-watchers-harness.js';

function createBench(replies?: Replies) {
  const bench = createConnections(replies);
  const { listener, calls } = createListener();
  const listeners: MasterListener[] = [listener];
  let closes = 0;
  const watcher = watchSentinel(
    bench.ports,
    () => listeners,
    () => (closes += 1),
  );
  return { ...bench, watcher, listeners, calls, closes: () => closes };
}

describe('the watcher of a sentinel', () => {
  test('sends its queries before it subscribes, because RESP2 takes none afterwards', async () => {
    const { connect, takeSent, calls } = createBench();
    expect(takeSent()).toEqual([]);
    await connect();
    expect(takeSent()).toEqual([...QUERIES, SUBSCRIBE]);
    expect(calls).toEqual(['6379 1 ab']);
  });

  test('polls every 10 s', async () => {
    const { connect, takeSent, clock, calls } = createBench();
    await connect();
    takeSent();
    await clock.advance(9_999);
    expect(takeSent()).toEqual([]);
    await clock.advance(1);
    expect(takeSent()).toEqual([UNSUBSCRIBE, ...QUERIES, SUBSCRIBE]);
    await clock.advance(10_000);
    expect(takeSent()).toEqual([UNSUBSCRIBE, ...QUERIES, SUBSCRIBE]);
    expect(calls).toHaveLength(3);
  });

  test('polls when poll() is called, and 10 s later', async () => {
    const { connect, takeSent, clock, watcher } = createBench();
    await connect();
    await clock.advance(6_000);
    takeSent();
    watcher.poll();
    await clock.advance(9_999);
    expect(takeSent()).toEqual([UNSUBSCRIBE, ...QUERIES, SUBSCRIBE]);
    await clock.advance(1);
    expect(takeSent()).toHaveLength(6);
  });

  test('asks for each master once, and reports to all its listeners', async () => {
    const { connect, takeSent, listeners, calls } = createBench();
    const [second, unrelated] = [createListener(), createListener('other')];
    listeners.push(second.listener, unrelated.listener);
    await connect();
    expect(takeSent().filter((command) => command.includes('get-master-addr'))).toEqual([
      QUERIES[0],
      'sentinel get-master-addr-by-name other',
    ]);
    expect([calls, second.calls, unrelated.calls]).toEqual([['6379 1 ab'], ['6379 1 ab'], ['none - ab']]);
  });

  test('reports a switch at once to the listeners of that master, and polls for the epoch', async () => {
    const { connect, takeSent, publish, listeners, calls } = createBench();
    const unrelated = createListener('other');
    listeners.push(unrelated.listener);
    await connect();
    takeSent();
    calls.splice(0);
    unrelated.calls.splice(0);
    await publish('mymaster 10.0.0.1 6379 10.0.0.2 6380');
    expect(calls).toEqual(['switch 10.0.0.2:6380', '6379 1 ab']);
    expect(unrelated.calls).toEqual(['none - ab']);
    expect(takeSent()).toContain(QUERIES[0]);
  });

  test('reports a loss as unreachable, and polls when it is connected again', async () => {
    const { connect, takeSent, connectionListener, calls, clock } = createBench();
    await connect();
    takeSent();
    connectionListener().onDisconnected(clock.now());
    expect(calls).toEqual(['6379 1 ab']);
    connectionListener().onReconnecting(70);
    expect(calls).toEqual(['6379 1 ab', 'unreachable']);
    await clock.advance(20_000);
    expect(takeSent()).toEqual([]);
    await connect();
    expect(takeSent()).toEqual([...QUERIES, SUBSCRIBE]);
  });

  test('polls if it may not subscribe', async () => {
    const { connect, takeSent, clock, calls } = createBench({
      ...sentinelReplies(6379),
      [SUBSCRIBE]: refusal('NOPERM'),
    });
    await connect();
    takeSent();
    await clock.advance(10_000);
    expect(takeSent()).toEqual(QUERIES);
    expect(calls).toHaveLength(2);
  });

  test('reports the master without epoch and id if other commands are refused', async () => {
    const [address = '', ...rest] = QUERIES;
    const replies = Object.fromEntries(rest.map((query) => [query, refusal('NOPERM')]));
    const { connect, calls } = createBench({ ...replies, [address]: ['h', '6379'] });
    await connect();
    expect(calls).toEqual(['6379 - -']);
  });

  test('reports nothing if all commands are refused, and survives a listener that throws', async () => {
    const { connect, calls } = createBench({ [QUERIES[0] ?? '']: refusal('NOPERM') });
    await connect();
    expect(calls).toEqual([]);

    const throwing = createBench();
    throwing.listeners.unshift({
      ...createListener().listener,
      onReport: () => {
        throw new Error('natMap');
      },
    });
    await throwing.connect();
  });

  test('closes its connection and cancels its timer when it is closed', async () => {
    const { connect, watcher, connections, clock, closes, takeSent } = createBench();
    await connect();
    takeSent();
    watcher.close();
    expect(connections[0]?.isClosed).toBe(true);
    expect(closes()).toBe(1);
    expect(clock.pendingTimers()).toBe(0);
    watcher.poll();
    await clock.advance(20_000);
    expect(takeSent()).toEqual([]);
  });

  test('ends when its connection is not dialled again', async () => {
    const { connect, connectionListener, clock, closes } = createBench();
    await connect();
    connectionListener().onEnd();
    expect(closes()).toBe(1);
    expect(clock.pendingTimers()).toBe(0);
  });
});
