import { describe, expect, test } from 'vitest';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { messageOn } from '../../support/unit/subscriber/fake-subscription-connection.js';

const CLOSED = 'HYG_SUBSCRIBER_CLOSED';

describe('close()', () => {
  test('before it was ever up: who waits is told, and nothing is subscribed', async () => {
    const { engine, line, told } = createEngine();
    const subscribing = engine.subscribe('channel', ['a']);
    await engine.close();
    expect(await stateOf(subscribing)).toBe(CLOSED);
    line.tell.onUp();
    line.tell.onDown(0);
    line.tell.onEnd();
    expect(line.take()).toEqual([]);
    expect(told()).toEqual([`closed ${CLOSED}`]);
    expect(line.closes).toBe(1);
  });

  test('of a connection that is up: nothing is told afterwards', async () => {
    const { engine, line, up, told } = createEngine();
    void engine.subscribe('channel', ['a']);
    await up();
    await engine.close();
    line.tell.onMessage(messageOn('channel', 'a'));
    line.tell.onError(new Error('read ECONNRESET'));
    line.tell.onEnd();
    expect(told()).toEqual(['ready', `closed ${CLOSED}`]);
  });

  test('resolves with the line', async () => {
    const { engine, line } = createEngine();
    let done: () => void = () => undefined;
    line.close = () => new Promise((resolve) => (done = resolve));
    const closing = engine.close();
    expect(await stateOf(closing)).toBe('pending');
    done();
    expect(await stateOf(closing)).toBe('resolved');
  });

  test('leaves an answer that is still to come without effect', async () => {
    const { engine, line, told } = createEngine();
    const subscribing = engine.subscribe('channel', ['a']);
    line.tell.onUp();
    const [early] = line.sent.splice(0);
    await engine.close();
    await early?.answer();
    expect(await stateOf(subscribing)).toBe(CLOSED);
    expect(told()).toEqual([`closed ${CLOSED}`]);
  });

  test('afterwards nothing can be subscribed, and giving back is no failure', async () => {
    const { engine, line } = createEngine();
    await engine.close();
    await expect(engine.subscribe('channel', ['a'])).rejects.toMatchObject({
      code: CLOSED,
      message: expect.stringMatching(/^This subscriber has been closed\. Make a new one/),
    });
    expect(engine.wanted().channels).toEqual([]);
    engine.unsubscribe('channel', ['a']);
    expect(line.take()).toEqual([]);
  });
});

test('the end of the line is the end: it says that it was not asked for', async () => {
  const { engine, line, told, down } = createEngine();
  const subscribing = engine.subscribe('channel', ['a']);
  down();
  line.tell.onEnd();
  expect(told()).toEqual([`closed ${CLOSED}`]);
  await expect(subscribing).rejects.toMatchObject({
    message: expect.stringContaining('has ended for good'),
    details: { wanted: { channels: ['a'] } },
  });
  line.tell.onEnd();
  expect(told()).toEqual([]);
});

describe('a listener that closes', () => {
  test.each(['gap', 'channel', 'ready'])('on %s hears nothing more', async (what) => {
    const { engine, line, clock, hooks, up, down, told } = createEngine();
    void engine.subscribe('channel', ['a']);
    await up();
    await clock.advance(5_000);
    told();
    down();
    line.tell.onUp();
    line.tell.onMessage(messageOn('channel', 'a', '1'));
    line.tell.onMessage(messageOn('channel', 'a', '2'));
    hooks.onTold = (one) => void (one.startsWith(what) && engine.close());
    await line.answerAll();
    const all = ['gap a 4000 5000', 'channel a: 1', 'channel a: 2', 'ready'];
    const until = all.findIndex((one) => one.startsWith(what)) + 1;
    expect(told()).toEqual([...all.slice(0, until), `closed ${CLOSED}`]);
  });

  test('in the gap of a refused channel hears nothing more', async () => {
    const { engine, line, hooks, up, down, told } = createEngine();
    void engine.subscribe('channel', ['a']);
    await up();
    down();
    line.tell.onUp();
    await line.sent.shift()?.refuse();
    told();
    hooks.onTold = (what) => void (what.startsWith('gap') && engine.close());
    line.tell.onMessage(messageOn('channel', 'a', '1'));
    expect(told()).toEqual(['gap a 0 0', `closed ${CLOSED}`]);
  });
});
