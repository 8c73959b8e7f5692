import { describe, expect, test } from 'vitest';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { incomingMessage } from '../../support/unit/subscriber/fake-subscription-connection.js';

const CLOSED = 'HYG_SUBSCRIBER_CLOSED';

describe('close()', () => {
  test('before the first connection rejects waiting calls, and nothing is subscribed', async () => {
    const { engine, connection, takeEvents } = createEngine();
    const subscribing = engine.subscribe('channel', ['a']);
    await engine.close();
    expect(await stateOf(subscribing)).toBe(CLOSED);
    connection.listener.onConnected();
    connection.listener.onDisconnected(0);
    connection.listener.onEnd();
    expect(connection.takeSent()).toEqual([]);
    expect(takeEvents()).toEqual([`closed ${CLOSED}`]);
    expect(connection.closeCalls).toBe(1);
  });

  test('while connected lets no event follow', async () => {
    const { engine, connection, connect, takeEvents } = createEngine();
    void engine.subscribe('channel', ['a']);
    await connect();
    await engine.close();
    connection.listener.onMessage(incomingMessage('channel', 'a'));
    connection.listener.onError(new Error('read ECONNRESET'));
    connection.listener.onEnd();
    expect(takeEvents()).toEqual(['ready', `closed ${CLOSED}`]);
  });

  test('resolves when the connection has closed', async () => {
    const { engine, connection } = createEngine();
    let done: () => void = () => undefined;
    connection.close = () => new Promise((resolve) => (done = resolve));
    const closing = engine.close();
    expect(await stateOf(closing)).toBe('pending');
    done();
    expect(await stateOf(closing)).toBe('resolved');
  });

  test('makes a later answer have no effect', async () => {
    const { engine, connection, takeEvents } = createEngine();
    const subscribing = engine.subscribe('channel', ['a']);
    connection.listener.onConnected();
    const [early] = connection.sent.splice(0);
    await engine.close();
    await early?.answer();
    expect(await stateOf(subscribing)).toBe(CLOSED);
    expect(takeEvents()).toEqual([`closed ${CLOSED}`]);
  });

  test('makes subscribe() reject and unsubscribe() do nothing', async () => {
    const { engine, connection } = createEngine();
    await engine.close();
    await expect(engine.subscribe('channel', ['a'])).rejects.toMatchObject({
      code: CLOSED,
      message: expect.stringMatching(/^This subscriber has been closed\. Create a new subscriber/),
    });
    expect(engine.desiredSubscriptions().channels).toEqual([]);
    engine.unsubscribe('channel', ['a']);
    expect(connection.takeSent()).toEqual([]);
  });
});

test('an end that nobody asked for closes the engine, with an error that says so', async () => {
  const { engine, connection, takeEvents, disconnect } = createEngine();
  const subscribing = engine.subscribe('channel', ['a']);
  disconnect();
  connection.listener.onEnd();
  expect(takeEvents()).toEqual([`closed ${CLOSED}`]);
  await expect(subscribing).rejects.toMatchObject({
    message: expect.stringContaining('has ended and will not be dialled again'),
    details: { desiredSubscriptions: { channels: ['a'] } },
  });
  connection.listener.onEnd();
  expect(takeEvents()).toEqual([]);
});

describe('a listener that closes', () => {
  test.each(['gap', 'channel', 'ready'])('on %s gets no further event', async (what) => {
    const { engine, connection, clock, hooks, connect, disconnect, takeEvents } = createEngine();
    void engine.subscribe('channel', ['a']);
    await connect();
    await clock.advance(5_000);
    takeEvents();
    disconnect();
    connection.listener.onConnected();
    connection.listener.onMessage(incomingMessage('channel', 'a', '1'));
    connection.listener.onMessage(incomingMessage('channel', 'a', '2'));
    hooks.onEvent = (one) => void (one.startsWith(what) && engine.close());
    await connection.answerAll();
    const all = ['gap a 4000 5000', 'channel a: 1', 'channel a: 2', 'ready'];
    const until = all.findIndex((one) => one.startsWith(what)) + 1;
    expect(takeEvents()).toEqual([...all.slice(0, until), `closed ${CLOSED}`]);
  });

  test('on the gap of a refused channel gets no further event', async () => {
    const { engine, connection, hooks, connect, disconnect, takeEvents } = createEngine();
    void engine.subscribe('channel', ['a']);
    await connect();
    disconnect();
    connection.listener.onConnected();
    await connection.sent.shift()?.refuse();
    takeEvents();
    hooks.onEvent = (what) => void (what.startsWith('gap') && engine.close());
    connection.listener.onMessage(incomingMessage('channel', 'a', '1'));
    expect(takeEvents()).toEqual(['gap a 0 0', `closed ${CLOSED}`]);
  });
});
