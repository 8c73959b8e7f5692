import { describe, expect, test } from 'vitest';
import { turn } from '../../support/unit/fake-clock.js';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';

describe('late answers', () => {
  test('to an earlier connection change nothing', async () => {
    const { engine, connection, connect, disconnect, takeEvents } = createEngine();
    await connect();
    const subscribing = engine.subscribe('channel', ['a', 'b']);
    const [early] = connection.sent.splice(0);
    disconnect();
    connection.listener.onConnected();
    await early?.answer();
    expect(await stateOf(subscribing)).toBe('pending');
    expect(await connection.answerAll()).toEqual(['subscribe a b']);
    expect(await stateOf(subscribing)).toBe('resolved');
    expect(takeEvents()).toEqual(['ready', 'ready']);
  });

  test('that refuse, to an earlier connection, change nothing', async () => {
    const { engine, connection, connect, disconnect } = createEngine();
    await connect();
    const subscribing = engine.subscribe('channel', ['a', 'b']);
    const [early] = connection.sent.splice(0);
    disconnect();
    connection.listener.onConnected();
    await early?.refuse();
    expect(await stateOf(subscribing)).toBe('pending');
    expect(connection.takeSent()).toEqual(['subscribe a b']);
  });

  test('do not make a connection ready that still waits for its own answers', async () => {
    const { engine, connection, disconnect, takeEvents } = createEngine();
    void engine.subscribe('channel', ['a']);
    connection.listener.onConnected();
    const [early] = connection.sent.splice(0);
    disconnect();
    connection.listener.onConnected();
    await early?.answer();
    expect(takeEvents()).toEqual([]);
    await connection.answerAll();
    expect(takeEvents()).toEqual(['ready']);
  });

  test('that never come because the connection breaks do not make the connection ready', async () => {
    const { engine, connection, clock, connect, disconnect, takeEvents } = createEngine();
    void engine.subscribe('channel', ['a']);
    await connect();
    await clock.advance(5_000);
    disconnect();
    connection.listener.onConnected();
    // The command is rejected just before the loss of the connection is reported.
    await connection.sent.shift()?.rejectAsLost();
    expect(takeEvents()).toEqual(['ready']);
    disconnect();
    await clock.advance(1_000);
    await connect();
    expect(takeEvents()).toEqual(['gap a 4000 5000', 'gap a 5000 6000', 'ready']);
  });

  test('that never come for a later subscribe() are requested again on the next connection', async () => {
    const { engine, connection, connect, disconnect } = createEngine();
    await connect();
    const subscribing = engine.subscribe('channel', ['a', 'b']);
    await connection.sent.shift()?.rejectAsLost();
    expect(await stateOf(subscribing)).toBe('pending');
    disconnect();
    expect(await connect()).toEqual(['subscribe a b']);
    await turn();
    expect(await stateOf(subscribing)).toBe('resolved');
  });
});
