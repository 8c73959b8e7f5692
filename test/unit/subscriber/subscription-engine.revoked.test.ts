import { describe, expect, test } from 'vitest';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { incomingMessage } from '../../support/unit/subscriber/fake-subscription-connection.js';

/** An engine whose shard channel `s` the server has ended 1.5 s after the connection was ready. */
async function createRevoked() {
  const parts = createEngine();
  const { engine, connection, clock, connect, takeEvents } = parts;
  void engine.subscribe('shard', ['s']);
  await connect();
  await clock.advance(1_500);
  takeEvents();
  connection.listener.onRevoked('s', clock.now());
  return parts;
}

describe('a shard channel that the server has ended', () => {
  test('is requested again at once, and its gap includes messages in transit', async () => {
    const { connection, clock, takeEvents } = await createRevoked();
    await clock.advance(20);
    expect(await connection.answerAll()).toEqual(['ssubscribe s']);
    expect(takeEvents()).toEqual(['gap s 500 1520']);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('has a gap that begins before the event loop was blocked, if the server’s message was read late', async () => {
    const { engine, connection, clock, connect, takeEvents } = createEngine();
    void engine.subscribe('shard', ['s']);
    await connect();
    await clock.advance(9_000);
    takeEvents();
    connection.listener.onRevoked('s', clock.now() - 5_000);
    await connection.answerAll();
    expect(takeEvents()).toEqual(['gap s 3000 9000']);
  });

  test('is reported once when the server refuses it, and requested again with backoff', async () => {
    const { connection, clock, takeEvents } = await createRevoked();
    await connection.sent.shift()?.refuse('MOVED 1 127.0.0.1:7001');
    expect(takeEvents()).toEqual([
      expect.stringContaining('error The server refused a subscription to the shard channel'),
    ]);
    await clock.advance(50);
    await connection.sent.shift()?.answer();
    expect(takeEvents()).toEqual(['gap s 500 1550']);
  });

  test('is not subscribed any more: a later subscribe() waits for the answer', async () => {
    const { engine, connection } = await createRevoked();
    const late = engine.subscribe('shard', ['s']);
    expect(await stateOf(late)).toBe('pending');
    await connection.sent.shift()?.refuse('MOVED');
    expect(await stateOf(late)).toBe('HYG_SUBSCRIBE_REFUSED');
    expect(engine.desiredSubscriptions().shardChannels).toEqual(['s']);
  });

  test('has its gap reported before its next message', async () => {
    const { connection, takeEvents } = await createRevoked();
    connection.listener.onMessage(incomingMessage('shard', 's', '1'));
    expect(takeEvents()).toEqual(['gap s 500 1500', 'shard s: 1']);
  });

  test('is not requested again when nobody desires it', async () => {
    const { engine, connection, takeEvents } = await createRevoked();
    connection.takeSent();
    engine.unsubscribe('shard', ['s']);
    connection.takeSent();
    connection.listener.onRevoked('s', 0);
    expect([connection.takeSent(), takeEvents()]).toEqual([[], []]);
  });
});

test('a shard channel that the server confirms and ends in one packet is confirmed by the next answer only', async () => {
  const { engine, connection, connect } = createEngine();
  await connect();
  const subscribing = engine.subscribe('shard', ['s']);
  void connection.sent.shift()?.answer();
  connection.listener.onRevoked('s', 0); // the answer above is not known yet
  expect(await stateOf(subscribing)).toBe('pending');
  expect(await connection.answerAll()).toEqual(['ssubscribe s']);
  expect(await stateOf(subscribing)).toBe('resolved');
});

test('a shard channel that ends while everything is being unsubscribed is not requested before the rest', async () => {
  const { engine, connection, connect } = createEngine();
  void engine.subscribe('shard', ['s']);
  await connect();
  const renewed = engine.renew();
  connection.listener.onRevoked('s', 0);
  expect(connection.sent.map(({ command }) => command)).toEqual(['sunsubscribe']);
  await connection.sent.shift()?.answer();
  await renewed;
  expect(connection.takeSent()).toEqual(['ssubscribe s']);
});
