import { describe, expect, test } from 'vitest';
import type { SubscriptionListener } from '../../../src/connect/client/subscription-connection.js';
import { createSentinelConnections, type SentinelRoute } from '../../../src/sentinel/sentinel-connections.js';
import { createFakeClock, turn } from '../../support/unit/fake-clock.js';
import {
  createFakeConnection,
  type FakeConnection,
  refusal,
} from '../../support/unit/sentinel/fake-subscription-connection.js';

/** How long a connection is kept after one query, and after several. */
const KEEP_MS = 250;
const KEEP_REPEATED_MS = 2_500;

function createBench() {
  const clock = createFakeClock();
  const opened: FakeConnection[] = [];
  const connections = createSentinelConnections(clock);
  const round = new AbortController();
  const lostReply = () => Promise.reject(new Error('The connection broke.'));
  const never = () => new Promise(() => undefined);

  function open(listener: SubscriptionListener): FakeConnection {
    const connection = createFakeConnection(listener, {
      ...{ ping: 'PONG', fail: refusal('ERR no'), wait: never },
      lose: () => (listener.onDisconnected(0), lostReply()),
    });
    opened.push(connection);
    return connection;
  }

  function ask(command = 'ping', route: Partial<SentinelRoute> = {}): Promise<unknown> {
    const answer = connections.query({ key: 's:1', open, ...route }, (call) => call(command), {
      timeoutMs: 1_500,
      signal: round.signal,
    });
    answer.catch(() => undefined);
    return answer;
  }

  /** Connects the newest connection, and returns it. */
  function connect(): FakeConnection {
    const connection = opened.at(-1) as FakeConnection;
    connection.listener.onConnected();
    return connection;
  }

  /** Has a connection that is kept after one query. */
  async function keep(): Promise<FakeConnection> {
    const answer = ask();
    const connection = connect();
    await answer;
    return connection;
  }
  return { clock, round, opened, ask, connect, keep };
}

describe('a query to a sentinel', () => {
  test('is sent when the connection is up', async () => {
    const { ask, connect, opened } = createBench();
    const answer = ask();
    expect(opened[0]?.sent).toEqual([]);
    connect();
    expect(await answer).toBe('PONG');
  });

  test('fails if there is no answer within the time limit, and closes its connection', async () => {
    const { ask, opened, clock } = createBench();
    const answer = ask();
    await clock.advance(1_499);
    expect(opened[0]?.isClosed).toBe(false);
    await clock.advance(1);
    await expect(answer).rejects.toThrow('1500 ms');
    expect(opened[0]?.isClosed).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('may take as long for each round trip of the connection, the handshake and the answer', async () => {
    const { ask, connect, opened, clock } = createBench();
    const answer = ask();
    await clock.advance(1_400);
    opened[0]?.listener.onProgress?.();
    await clock.advance(1_400);
    opened[0]?.listener.onProgress?.();
    await clock.advance(1_400);
    connect();
    expect(await answer).toBe('PONG');
  });

  test('fails if the handshake of an accepted connection takes too long', async () => {
    const { ask, opened, clock } = createBench();
    const answer = ask();
    await clock.advance(1_400);
    opened[0]?.listener.onProgress?.();
    await clock.advance(1_500);
    await expect(answer).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('fails with the error of the connection when it ends', async () => {
    const { ask, opened, clock } = createBench();
    const answer = ask();
    opened[0]?.listener.onError(new Error('ECONNREFUSED'));
    opened[0]?.listener.onDisconnected(0);
    opened[0]?.listener.onEnd();
    await expect(answer).rejects.toThrow('ECONNREFUSED');
    expect(opened).toMatchObject([{ isClosed: true }]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('fails when the connection ends without an error', async () => {
    const { ask, opened } = createBench();
    const answer = ask();
    opened[0]?.listener.onEnd();
    await expect(answer).rejects.toThrow('closed');
  });

  test('is aborted when another sentinel has answered, and closes its connection', async () => {
    const { ask, connect, round, opened, clock } = createBench();
    const answer = ask('wait');
    connect();
    round.abort();
    await expect(answer).rejects.toThrow('another sentinel');
    expect(opened).toMatchObject([{ isClosed: true }]);
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('the connection to a sentinel', () => {
  test('is kept for further queries, and does not keep the process alive between them', async () => {
    const { ask, keep, opened, clock } = createBench();
    const connection = await keep();
    expect(connection.isRef).toBe(false);
    const next = ask('wait');
    expect(connection.isRef).toBe(true);
    await clock.advance(1_500);
    await expect(next).rejects.toThrow('1500 ms');
    expect(opened).toHaveLength(1);
  });

  test('is closed soon after a single query', async () => {
    const { keep, clock } = createBench();
    const connection = await keep();
    await clock.advance(KEEP_MS - 1);
    expect(connection.isClosed).toBe(false);
    await clock.advance(1);
    expect(connection.isClosed).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is kept for longer than a client waits between two dials if the sentinel is asked again and again', async () => {
    const { ask, keep, clock, opened } = createBench();
    await keep();
    await clock.advance(2_000);
    const connection = await keep();
    await clock.advance(2_000);
    await ask('fail').catch(() => undefined); // a refusal is an answer too
    await clock.advance(KEEP_REPEATED_MS - 1);
    expect(connection.isClosed).toBe(false);
    await clock.advance(1);
    expect(connection.isClosed).toBe(true);
    expect(opened).toHaveLength(2);
    await clock.advance(KEEP_REPEATED_MS);
    const next = await keep();
    await clock.advance(KEEP_MS);
    expect(next.isClosed).toBe(true);
  });

  test('is shared by queries that come while it is dialled, also of another factory', async () => {
    const { ask, connect, opened } = createBench();
    const other = () => expect.unreachable();
    const answers = [ask(), ask('ping', { open: other })];
    connect();
    expect(await Promise.all(answers)).toEqual(['PONG', 'PONG']);
    expect(opened).toHaveLength(1);
  });

  test('is not shared with other sentinels, or other credentials', async () => {
    const { ask, keep, opened } = createBench();
    await keep();
    void ask('ping', { key: 's:2' });
    expect(opened).toHaveLength(2);
  });

  test('is replaced if it breaks when a further query is sent', async () => {
    const { ask, connect, keep, opened } = createBench();
    await keep();
    const answer = ask('lose');
    await turn();
    expect(opened).toHaveLength(2);
    opened[1]?.listener.onError(new Error('ECONNREFUSED'));
    opened[1]?.listener.onEnd();
    await expect(answer).rejects.toThrow('ECONNREFUSED'); // a new one is not replaced
    void ask();
    expect(connect()).toBe(opened[2]);
  });

  test('takes no further queries once it is lost, or has missed a time limit', async () => {
    const { ask, connect, keep, opened, clock } = createBench();
    (await keep()).listener.onDisconnected(0);
    const late = ask('wait');
    connect();
    expect(opened).toHaveLength(2);
    await clock.advance(1_500);
    await expect(late).rejects.toThrow('1500 ms');
    void ask();
    expect(opened).toHaveLength(3);
  });

  test('stays open after a time limit for as long as other queries wait', async () => {
    const { ask, connect, opened, clock } = createBench();
    const early = ask('wait');
    connect();
    await clock.advance(1_000);
    const late = ask('wait');
    await clock.advance(500);
    await expect(early).rejects.toThrow('1500 ms');
    expect(opened[0]?.isClosed).toBe(false);
    await clock.advance(1_000);
    await expect(late).rejects.toThrow('1500 ms');
    expect(opened[0]?.isClosed).toBe(true);
    expect(clock.pendingTimers()).toBe(0);
  });
});
