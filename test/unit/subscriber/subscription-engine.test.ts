import { describe, expect, test } from 'vitest';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { incomingMessage } from '../../support/unit/subscriber/fake-subscription-connection.js';

const NO_NAMES = { channels: [], patterns: [], shardChannels: [] };

describe('while disconnected', () => {
  test('names are kept, and subscribed in one write once the connection is ready', async () => {
    const { engine, connection, takeEvents } = createEngine();
    const subscribing = [
      engine.subscribe('channel', ['a', 'b']),
      engine.subscribe('shard', ['s']),
      engine.subscribe('pattern', ['p']),
    ];
    expect(connection.takeSent()).toEqual([]);
    connection.listener.onConnected();
    expect(connection.sent.map(({ command, names }) => `${command} ${names.join()}`)).toEqual([
      'subscribe a,b',
      'psubscribe p',
      'ssubscribe s',
    ]);
    expect(takeEvents()).toEqual([]);
    await connection.sent[0]?.answer();
    expect(await Promise.all(subscribing.map(stateOf))).toEqual(['resolved', 'pending', 'pending']);
    expect(takeEvents()).toEqual([]);
    await connection.sent[1]?.answer();
    await connection.sent[2]?.answer();
    expect(await Promise.all(subscribing.map(stateOf))).toEqual(['resolved', 'resolved', 'resolved']);
    expect(takeEvents()).toEqual(['ready']);
  });

  test('a name that is unsubscribed before it was requested is never requested, and its call resolves', async () => {
    const { engine, connection, connect, takeEvents } = createEngine();
    const subscribing = engine.subscribe('channel', ['a']);
    engine.unsubscribe('channel', ['a']);
    expect(await stateOf(subscribing)).toBe('resolved');
    expect(await connect()).toEqual([]);
    expect(connection.takeSent()).toEqual([]);
    expect(takeEvents()).toEqual(['ready']);
  });

  test('each dial is reported with its number, which starts at 1 after every connection', async () => {
    const { connection, connect, disconnect, takeEvents } = createEngine();
    connection.listener.onReconnecting(70);
    connection.listener.onReconnecting(130);
    await connect();
    disconnect();
    connection.listener.onReconnecting(5);
    expect(takeEvents()).toEqual(['reconnecting 1 70', 'reconnecting 2 130', 'ready', 'reconnecting 1 5']);
  });
});

describe('while connected', () => {
  test('a name is requested once, however often it is subscribed', async () => {
    const { engine, connection, connect } = createEngine();
    await connect();
    const subscribing = [engine.subscribe('channel', ['a']), engine.subscribe('channel', ['a', 'b'])];
    expect(await connection.answerAll()).toEqual(['subscribe a', 'subscribe b']);
    expect(await Promise.all(subscribing.map(stateOf))).toEqual(['resolved', 'resolved']);
    const later = engine.subscribe('channel', ['a']);
    expect(connection.takeSent()).toEqual([]);
    expect(await stateOf(later)).toBe('resolved');
    expect(engine.desiredSubscriptions()).toEqual({ ...NO_NAMES, channels: ['a', 'b'] });
  });

  test('a name is unsubscribed when it has been unsubscribed as often as it was subscribed', async () => {
    const { engine, connection, connect } = createEngine();
    void engine.subscribe('channel', ['a']);
    void engine.subscribe('channel', ['a', 'b']);
    await connect();
    engine.unsubscribe('channel', ['a', 'b']);
    expect(connection.takeSent()).toEqual(['unsubscribe b']);
    engine.unsubscribe('channel', ['a', 'b', 'c']);
    expect(connection.takeSent()).toEqual(['unsubscribe a']);
    expect(engine.desiredSubscriptions()).toEqual(NO_NAMES);
  });

  test('a name that is unsubscribed before its confirmation delivers no message, and its call resolves', async () => {
    const { engine, connection, connect, takeEvents } = createEngine();
    await connect();
    const subscribing = engine.subscribe('channel', ['a']);
    engine.unsubscribe('channel', ['a']);
    expect(await stateOf(subscribing)).toBe('resolved');
    expect(connection.sent.map(({ command }) => command)).toEqual(['subscribe', 'unsubscribe']);
    connection.listener.onMessage(incomingMessage('channel', 'a'));
    expect(takeEvents()).toEqual(['ready']);
  });

  test('a channel that was unsubscribed while its call was pending is not taken back a second time', async () => {
    const { engine, connection, connect } = createEngine();
    void engine.subscribe('channel', ['a']);
    await connect();
    const refused = engine.subscribe('channel', ['a', 'secret']);
    engine.unsubscribe('channel', ['a']);
    await connection.sent.shift()?.refuse();
    expect(await stateOf(refused)).toBe('HYG_SUBSCRIBE_REFUSED');
    expect(engine.desiredSubscriptions().channels).toEqual(['a']);
    expect(connection.takeSent()).toEqual(['unsubscribe secret']);
  });

  test('a refused call does not unsubscribe a channel that another call has subscribed meanwhile', async () => {
    const { engine, connection, connect } = createEngine();
    await connect();
    const refused = engine.subscribe('channel', ['a', 'secret']);
    engine.unsubscribe('channel', ['a']);
    const again = engine.subscribe('channel', ['a']);
    await connection.sent.shift()?.refuse();
    while (connection.sent.length > 0) {
      const next = connection.sent.shift();
      await (next?.names.includes('secret') ? next.refuse() : next?.answer());
    }
    expect([await stateOf(refused), await stateOf(again)]).toEqual(['HYG_SUBSCRIBE_REFUSED', 'resolved']);
    expect(engine.desiredSubscriptions().channels).toEqual(['a']);
  });

  test('only messages of subscribed names and kinds are delivered', async () => {
    const { engine, connection, connect, takeEvents } = createEngine();
    void engine.subscribe('channel', ['a']);
    await connect();
    connection.listener.onMessage(incomingMessage('channel', 'a', '1'));
    connection.listener.onMessage(incomingMessage('pattern', 'a', '2'));
    connection.listener.onMessage(incomingMessage('channel', 'b', '3'));
    expect(takeEvents()).toEqual(['ready', 'channel a: 1']);
  });
});

describe('a loss', () => {
  test('is reported as a gap once everything is subscribed again, before the messages that follow', async () => {
    const { engine, connection, clock, connect, disconnect, takeEvents } = createEngine();
    void engine.subscribe('channel', ['a']);
    void engine.subscribe('pattern', ['p*']);
    await connect();
    await clock.advance(30_000);
    disconnect(20_000);
    const late = engine.subscribe('channel', ['late']);
    await clock.advance(100);
    connection.listener.onConnected();
    connection.listener.onMessage(incomingMessage('channel', 'a', '1'));
    expect(takeEvents()).toEqual(['ready']);
    expect(await connection.answerAll()).toEqual(['subscribe a late', 'psubscribe p*']);
    expect(takeEvents()).toEqual(['gap a,p* 9000 30100', 'channel a: 1', 'ready']);
    expect(await stateOf(late)).toBe('resolved');
  });

  test('of a connection without subscriptions is no gap', async () => {
    const { connect, disconnect, takeEvents } = createEngine();
    await connect();
    disconnect();
    await connect();
    expect(takeEvents()).toEqual(['ready', 'ready']);
  });

  test('of a dial that failed is no gap', async () => {
    const { engine, connect, disconnect, takeEvents } = createEngine();
    void engine.subscribe('channel', ['a']);
    disconnect();
    disconnect();
    await connect();
    expect(takeEvents()).toEqual(['ready']);
  });

  test('between two confirmations is a gap of the names confirmed so far', async () => {
    const { engine, connection, clock, connect, disconnect, takeEvents } = createEngine();
    const first = engine.subscribe('channel', ['a']);
    const second = engine.subscribe('pattern', ['p']);
    connection.listener.onConnected();
    await connection.sent.shift()?.answer();
    expect([await stateOf(first), await stateOf(second)]).toEqual(['resolved', 'pending']);
    await clock.advance(3_000);
    disconnect();
    connection.takeSent();
    await connect();
    expect(takeEvents()).toEqual(['gap a 2000 3000', 'ready']);
  });

  test('leaves nothing confirmed: a later subscribe() waits for the next connection', async () => {
    const { engine, connect, disconnect } = createEngine();
    void engine.subscribe('channel', ['a']);
    await connect();
    disconnect();
    const again = engine.subscribe('channel', ['a']);
    expect(await stateOf(again)).toBe('pending');
    await connect();
    expect(await stateOf(again)).toBe('resolved');
  });
});
