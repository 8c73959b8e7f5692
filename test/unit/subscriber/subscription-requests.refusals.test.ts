import { describe, expect, test } from 'vitest';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { incomingMessage } from '../../support/unit/subscriber/fake-subscription-connection.js';

const REFUSED = 'HYG_SUBSCRIBE_REFUSED';

describe('a channel that is refused by its first answer', () => {
  test('is not kept, and the error gives the reason', async () => {
    const { engine, connection, clock, connect, takeEvents } = createEngine();
    await connect();
    const subscribing = engine.subscribe('channel', ['secret']);
    await connection.sent.shift()?.refuse('NOPERM this user has no permissions');
    await expect(subscribing).rejects.toMatchObject({
      code: REFUSED,
      message: expect.stringContaining(
        'The server refused a subscription to the channel "secret": NOPERM this user has no permissions. Grant the permission: ACL',
      ),
      details: { kind: 'channel', name: 'secret', reply: 'NOPERM this user has no permissions' },
    });
    expect(engine.desiredSubscriptions().channels).toEqual([]);
    expect(clock.pendingTimers()).toBe(0);
    expect(takeEvents()).toEqual(['ready']);
  });

  test('makes the other channels of its call be unsubscribed, and no others', async () => {
    const { engine, connection, connect } = createEngine();
    const others = engine.subscribe('channel', ['a', 'b']);
    await connect();
    const subscribing = engine.subscribe('channel', ['b', 'c', 'secret']);
    expect(connection.sent[0]?.names).toEqual(['c', 'secret']);
    await connection.sent.shift()?.refuse();
    expect(connection.sent.map(({ names }) => names)).toEqual([['c'], ['secret']]);
    await connection.sent.shift()?.answer();
    await connection.sent.shift()?.refuse();
    expect(await stateOf(subscribing)).toBe(REFUSED);
    expect(connection.takeSent()).toEqual(['unsubscribe c secret']);
    expect(engine.desiredSubscriptions().channels).toEqual(['a', 'b']);
    expect(await stateOf(others)).toBe('resolved');
  });

  test('does not keep the connection from being ready', async () => {
    const { engine, connection, takeEvents } = createEngine();
    const [good, bad] = [engine.subscribe('channel', ['a']), engine.subscribe('channel', ['secret'])];
    connection.listener.onConnected();
    await connection.sent.shift()?.refuse();
    await connection.sent.shift()?.answer();
    expect(takeEvents()).toEqual([]);
    await connection.sent.shift()?.refuse();
    expect([await stateOf(good), await stateOf(bad)]).toEqual(['resolved', REFUSED]);
    expect(takeEvents()).toEqual(['ready']);
  });

  test('is not requested again, nor are the others, when all were unsubscribed before the answer', async () => {
    const { engine, connection, connect } = createEngine();
    await connect();
    void engine.subscribe('channel', ['a', 'secret']);
    engine.unsubscribe('channel', ['a', 'secret']);
    await connection.sent.shift()?.refuse();
    expect(connection.takeSent()).toEqual(['unsubscribe a secret']);
  });

  test('is requested again for a call that came just before the refused call was taken back', async () => {
    const { engine, connection, connect } = createEngine();
    await connect();
    const first = engine.subscribe('channel', ['secret']);
    const refused = connection.sent.shift()?.refuse();
    await Promise.resolve(); // the refusal is known, and the first call has not been rejected yet
    const second = engine.subscribe('channel', ['secret']);
    await refused;
    expect(await stateOf(first)).toBe(REFUSED);
    await connection.sent.shift()?.answer();
    expect(await stateOf(second)).toBe('resolved');
    expect(engine.desiredSubscriptions().channels).toEqual(['secret']);
  });

  test('rejects all calls that wait for it', async () => {
    const { engine, connection, connect } = createEngine();
    await connect();
    const waiting = [engine.subscribe('shard', ['s']), engine.subscribe('shard', ['s'])];
    await connection.sent.shift()?.refuse('CROSSSLOT');
    await expect(waiting[0]).rejects.toThrow('a subscription to the shard channel "s": CROSSSLOT.');
    expect(await Promise.all(waiting.map(stateOf))).toEqual([REFUSED, REFUSED]);
    expect(engine.desiredSubscriptions().shardChannels).toEqual([]);
  });
});

/** An engine with the channels `a` and `b`. After a loss the server refuses `a`. */
async function createRefusedAfterLoss(random = 0.5) {
  const parts = createEngine({ random });
  const { engine, connection, clock, connect, disconnect, takeEvents } = parts;
  void engine.subscribe('channel', ['a', 'b']);
  await connect();
  await clock.advance(10_000);
  disconnect();
  connection.listener.onConnected();
  await connection.sent.shift()?.refuse(); // both
  await connection.sent.shift()?.refuse(); // a
  await connection.sent.shift()?.answer(); // b
  return { ...parts, before: takeEvents() };
}

describe('a channel that is refused after a loss', () => {
  test('stays desired, is reported once, and does not delay the others', async () => {
    const { engine, before, clock } = await createRefusedAfterLoss();
    expect(before).toEqual([
      'ready',
      expect.stringContaining('error The server refused a subscription to the channel "a": NOPERM no.'),
      'gap a,b 9000 10000',
      'ready',
    ]);
    expect(engine.desiredSubscriptions().channels).toEqual(['a', 'b']);
    expect(clock.pendingTimers()).toBe(1);
  });

  test('is requested again with full jitter, and has a gap until it is confirmed', async () => {
    const { connection, clock, takeEvents } = await createRefusedAfterLoss(0.5);
    await clock.advance(49);
    expect(connection.sent).toHaveLength(0);
    await clock.advance(1);
    await connection.sent.shift()?.refuse();
    await clock.advance(99);
    expect(connection.sent).toHaveLength(0);
    await clock.advance(1);
    expect(connection.sent[0]?.names).toEqual(['a']);
    await connection.sent.shift()?.answer();
    expect(takeEvents()).toEqual(['gap a 10000 10150']);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('starts with the shortest delay again once it has been confirmed', async () => {
    const { connection, clock, takeEvents, disconnect } = await createRefusedAfterLoss();
    await clock.advance(50);
    await connection.sent.shift()?.answer();
    takeEvents();
    await clock.advance(10_000);
    disconnect();
    connection.listener.onConnected();
    await connection.sent.shift()?.refuse();
    await connection.sent.shift()?.refuse();
    await connection.sent.shift()?.answer();
    expect(takeEvents()[0]).toContain('error The server refused');
    await clock.advance(50);
    expect(connection.takeSent()).toEqual(['subscribe a']);
  });

  test('may deliver a message before its answer is read: the gap comes first', async () => {
    const { connection, clock, takeEvents } = await createRefusedAfterLoss();
    await clock.advance(50);
    connection.listener.onMessage(incomingMessage('channel', 'a', '1'));
    expect(takeEvents()).toEqual(['gap a 10000 10050', 'channel a: 1']);
    await connection.sent.shift()?.answer();
    expect(takeEvents()).toEqual([]);
  });

  test('has its gap end when everything else is lost too, and the next gap begins there', async () => {
    const { connection, clock, takeEvents, disconnect } = await createRefusedAfterLoss();
    await clock.advance(49);
    disconnect(0);
    expect(takeEvents()).toEqual(['gap a 10000 10049']);
    await clock.advance(100);
    expect(connection.takeSent()).toEqual([]); // its timer belonged to the earlier connection
    connection.listener.onConnected();
    await connection.answerAll();
    expect(takeEvents()).toEqual(['gap a,b 10000 10149', 'ready']);
  });

  test('is not requested again when nobody desires it any more', async () => {
    const { engine, connection, clock, takeEvents } = await createRefusedAfterLoss();
    engine.unsubscribe('channel', ['a']);
    expect(connection.takeSent()).toEqual(['unsubscribe a']);
    await clock.advance(20_000);
    expect(connection.takeSent()).toEqual([]);
    expect(takeEvents()).toEqual([]);
  });

  test('is no error when it was unsubscribed meanwhile', async () => {
    const { engine, connection, clock, connect, disconnect, takeEvents } = createEngine();
    void engine.subscribe('channel', ['a']);
    await connect();
    disconnect();
    connection.listener.onConnected();
    engine.unsubscribe('channel', ['a']);
    await connection.sent.shift()?.refuse();
    expect(takeEvents().join()).not.toContain('error');
    expect(clock.pendingTimers()).toBe(0);
  });

  test('rejects calls that subscribe to it now, and stays desired by earlier ones', async () => {
    const { engine, connection, clock } = await createRefusedAfterLoss();
    const late = engine.subscribe('channel', ['a']);
    expect(await stateOf(late)).toBe('pending');
    await clock.advance(50);
    await connection.sent.shift()?.refuse();
    expect(await stateOf(late)).toBe(REFUSED);
    expect(engine.desiredSubscriptions().channels).toEqual(['a', 'b']);
    expect(connection.takeSent()).toEqual([]);
  });
});

test('10 000 names go into one command, the rest into another', async () => {
  const { engine, connection, connect } = createEngine();
  await connect();
  void engine.subscribe(
    'channel',
    Array.from({ length: 20_001 }, (_, index) => `c${index}`),
  );
  expect(connection.sent.map(({ names }) => [names.length, names[0]])).toEqual([
    [10_000, 'c0'],
    [10_000, 'c10000'],
    [1, 'c20000'],
  ]);
});
