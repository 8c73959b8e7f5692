import { describe, expect, test } from 'vitest';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { messageOn } from '../../support/unit/subscriber/fake-subscription-connection.js';

const NOTHING = { channels: [], patterns: [], shardChannels: [] };

describe('while the connection is down', () => {
  test('what is wanted is kept, and subscribed when it is up, in one write', async () => {
    const { engine, line, told } = createEngine();
    const subscribing = [
      engine.subscribe('channel', ['a', 'b']),
      engine.subscribe('shard', ['s']),
      engine.subscribe('pattern', ['p']),
    ];
    expect(line.take()).toEqual([]);
    line.tell.onUp();
    expect(line.sent.map(({ verb, names }) => `${verb} ${names.join()}`)).toEqual([
      'subscribe a,b',
      'psubscribe p',
      'ssubscribe s',
    ]);
    expect(told()).toEqual([]);
    await line.sent[0]?.answer();
    expect(await Promise.all(subscribing.map(stateOf))).toEqual(['resolved', 'pending', 'pending']);
    expect(told()).toEqual([]);
    await line.sent[1]?.answer();
    await line.sent[2]?.answer();
    expect(await Promise.all(subscribing.map(stateOf))).toEqual(['resolved', 'resolved', 'resolved']);
    expect(told()).toEqual(['ready']);
  });

  test('what is given back again is never asked for, and nobody waits for it', async () => {
    const { engine, line, up, told } = createEngine();
    const subscribing = engine.subscribe('channel', ['a']);
    engine.unsubscribe('channel', ['a']);
    expect(await stateOf(subscribing)).toBe('resolved');
    expect(await up()).toEqual([]);
    expect(line.take()).toEqual([]);
    expect(told()).toEqual(['ready']);
  });

  test('each dial is told with its number, which begins anew with a connection', async () => {
    const { line, up, down, told } = createEngine();
    line.tell.onRedial(70);
    line.tell.onRedial(130);
    await up();
    down();
    line.tell.onRedial(5);
    expect(told()).toEqual(['redial 1 70', 'redial 2 130', 'ready', 'redial 1 5']);
  });
});

describe('while it is up', () => {
  test('a name is asked for once, however many want it', async () => {
    const { engine, line, up } = createEngine();
    await up();
    const subscribing = [engine.subscribe('channel', ['a']), engine.subscribe('channel', ['a', 'b'])];
    expect(await line.answerAll()).toEqual(['subscribe a', 'subscribe b']);
    expect(await Promise.all(subscribing.map(stateOf))).toEqual(['resolved', 'resolved']);
    const later = engine.subscribe('channel', ['a']);
    expect(line.take()).toEqual([]);
    expect(await stateOf(later)).toBe('resolved');
    expect(engine.wanted()).toEqual({ ...NOTHING, channels: ['a', 'b'] });
  });

  test('and is given back when the last one has given it back', async () => {
    const { engine, line, up } = createEngine();
    void engine.subscribe('channel', ['a']);
    void engine.subscribe('channel', ['a', 'b']);
    await up();
    engine.unsubscribe('channel', ['a', 'b']);
    expect(line.take()).toEqual(['-subscribe b']);
    engine.unsubscribe('channel', ['a', 'b', 'c']);
    expect(line.take()).toEqual(['-subscribe a']);
    expect(engine.wanted()).toEqual(NOTHING);
  });

  test('what is given back before it was confirmed is not waited for, and not heard', async () => {
    const { engine, line, up, told } = createEngine();
    await up();
    const subscribing = engine.subscribe('channel', ['a']);
    engine.unsubscribe('channel', ['a']);
    expect(await stateOf(subscribing)).toBe('resolved');
    expect(line.sent.map(({ verb }) => verb)).toEqual(['subscribe', '-subscribe']);
    line.tell.onMessage(messageOn('channel', 'a'));
    expect(told()).toEqual(['ready']);
  });

  test('a call that is refused takes no channel that was given back meanwhile, and is another call’s now', async () => {
    const { engine, line, up } = createEngine();
    await up();
    const refused = engine.subscribe('channel', ['a', 'secret']);
    engine.unsubscribe('channel', ['a']);
    const again = engine.subscribe('channel', ['a']);
    await line.sent.shift()?.refuse();
    while (line.sent.length > 0) {
      const next = line.sent.shift();
      await (next?.names.includes('secret') ? next.refuse() : next?.answer());
    }
    expect([await stateOf(refused), await stateOf(again)]).toEqual(['HYG_SUBSCRIBE_REFUSED', 'resolved']);
    expect(engine.wanted().channels).toEqual(['a']);
  });

  test('messages are told as they come, those of one’s own kind', async () => {
    const { engine, line, up, told } = createEngine();
    void engine.subscribe('channel', ['a']);
    await up();
    line.tell.onMessage(messageOn('channel', 'a', '1'));
    line.tell.onMessage(messageOn('pattern', 'a', '2'));
    line.tell.onMessage(messageOn('channel', 'b', '3'));
    expect(told()).toEqual(['ready', 'channel a: 1']);
  });
});

describe('a loss', () => {
  test('is told as a gap, when all is subscribed again, before the messages that follow', async () => {
    const { engine, line, clock, up, down, told } = createEngine();
    void engine.subscribe('channel', ['a']);
    void engine.subscribe('pattern', ['p*']);
    await up();
    await clock.advance(30_000);
    down(20_000);
    const late = engine.subscribe('channel', ['late']);
    await clock.advance(100);
    line.tell.onUp();
    line.tell.onMessage(messageOn('channel', 'a', '1'));
    expect(told()).toEqual(['ready']);
    expect(await line.answerAll()).toEqual(['subscribe a late', 'psubscribe p*']);
    expect(told()).toEqual(['gap a,p* 9000 30100', 'channel a: 1', 'ready']);
    expect(await stateOf(late)).toBe('resolved');
  });

  test('of a connection that had nothing subscribed is none', async () => {
    const { up, down, told } = createEngine();
    await up();
    down();
    await up();
    expect(told()).toEqual(['ready', 'ready']);
  });

  test('of a dial is none', async () => {
    const { engine, up, down, told } = createEngine();
    void engine.subscribe('channel', ['a']);
    down();
    down();
    await up();
    expect(told()).toEqual(['ready']);
  });

  test('between the answers is one too: the first had been confirmed', async () => {
    const { engine, line, clock, up, down, told } = createEngine();
    const first = engine.subscribe('channel', ['a']);
    const second = engine.subscribe('pattern', ['p']);
    line.tell.onUp();
    await line.sent.shift()?.answer();
    expect([await stateOf(first), await stateOf(second)]).toEqual(['resolved', 'pending']);
    await clock.advance(3_000);
    down();
    line.take();
    await up();
    expect(told()).toEqual(['gap a 2000 3000', 'ready']);
  });

  test('leaves nothing confirmed: who subscribes then waits for the next connection', async () => {
    const { engine, up, down } = createEngine();
    void engine.subscribe('channel', ['a']);
    await up();
    down();
    const again = engine.subscribe('channel', ['a']);
    expect(await stateOf(again)).toBe('pending');
    await up();
    expect(await stateOf(again)).toBe('resolved');
  });
});
