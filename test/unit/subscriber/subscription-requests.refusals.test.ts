import { describe, expect, test } from 'vitest';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { messageOn } from '../../support/unit/subscriber/fake-subscription-connection.js';

const REFUSED = 'HYG_SUBSCRIBE_REFUSED';

describe('a channel that is refused at first', () => {
  test('is not kept, and the error says why', async () => {
    const { engine, line, clock, up, told } = createEngine();
    await up();
    const subscribing = engine.subscribe('channel', ['secret']);
    await line.sent.shift()?.refuse('NOPERM this user has no permissions');
    await expect(subscribing).rejects.toMatchObject({
      code: REFUSED,
      message: expect.stringContaining(
        'The server refused to subscribe the channel "secret": NOPERM this user has no permissions. Grant it: ACL',
      ),
      details: { kind: 'channel', name: 'secret', reply: 'NOPERM this user has no permissions' },
    });
    expect(engine.wanted().channels).toEqual([]);
    expect(clock.pendingTimers()).toBe(0);
    expect(told()).toEqual(['ready']);
  });

  test('takes the others of its call with it, and nobody else’s', async () => {
    const { engine, line, up } = createEngine();
    const others = engine.subscribe('channel', ['a', 'b']);
    await up();
    const subscribing = engine.subscribe('channel', ['b', 'c', 'secret']);
    expect(line.sent[0]?.names).toEqual(['c', 'secret']);
    await line.sent.shift()?.refuse();
    expect(line.sent.map(({ names }) => names)).toEqual([['c'], ['secret']]);
    await line.sent.shift()?.answer();
    await line.sent.shift()?.refuse();
    expect(await stateOf(subscribing)).toBe(REFUSED);
    expect(line.take()).toEqual(['-subscribe c secret']);
    expect(engine.wanted().channels).toEqual(['a', 'b']);
    expect(await stateOf(others)).toBe('resolved');
  });

  test('does not keep the connection from being ready', async () => {
    const { engine, line, told } = createEngine();
    const [good, bad] = [engine.subscribe('channel', ['a']), engine.subscribe('channel', ['secret'])];
    line.tell.onUp();
    await line.sent.shift()?.refuse();
    await line.sent.shift()?.answer();
    expect(told()).toEqual([]);
    await line.sent.shift()?.refuse();
    expect([await stateOf(good), await stateOf(bad)]).toEqual(['resolved', REFUSED]);
    expect(told()).toEqual(['ready']);
  });

  test('is refused to all that wait for it', async () => {
    const { engine, line, up } = createEngine();
    await up();
    const waiting = [engine.subscribe('shard', ['s']), engine.subscribe('shard', ['s'])];
    await line.sent.shift()?.refuse('CROSSSLOT');
    await expect(waiting[0]).rejects.toThrow('to subscribe the shard channel "s": CROSSSLOT.');
    expect(await Promise.all(waiting.map(stateOf))).toEqual([REFUSED, REFUSED]);
    expect(engine.wanted().shardChannels).toEqual([]);
  });
});

/** Channels that were subscribed, of which `a` is refused on the connection that follows a loss. */
async function refusedAfterLoss(random = 0.5) {
  const parts = createEngine({ random });
  const { engine, line, clock, up, down, told } = parts;
  void engine.subscribe('channel', ['a', 'b']);
  await up();
  await clock.advance(10_000);
  down();
  line.tell.onUp();
  await line.sent.shift()?.refuse(); // both
  await line.sent.shift()?.refuse(); // a
  await line.sent.shift()?.answer(); // b
  return { ...parts, before: told() };
}

describe('a channel that is refused after a loss', () => {
  test('stays wanted, is told once, and does not hold up the others', async () => {
    const { engine, before, clock } = await refusedAfterLoss();
    expect(before).toEqual([
      'ready',
      expect.stringContaining('error The server refused to subscribe the channel "a": NOPERM no.'),
      'gap a,b 9000 10000',
      'ready',
    ]);
    expect(engine.wanted().channels).toEqual(['a', 'b']);
    expect(clock.pendingTimers()).toBe(1);
  });

  test('is asked for again, with full jitter, and has a gap until it is granted', async () => {
    const { line, clock, told } = await refusedAfterLoss(0.5);
    await clock.advance(49);
    expect(line.sent).toHaveLength(0);
    await clock.advance(1);
    await line.sent.shift()?.refuse();
    await clock.advance(99);
    expect(line.sent).toHaveLength(0);
    await clock.advance(1);
    expect(line.sent[0]?.names).toEqual(['a']);
    await line.sent.shift()?.answer();
    expect(told()).toEqual(['gap a 10000 10150']);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('begins anew with its delays once it has been granted', async () => {
    const { line, clock, told, down } = await refusedAfterLoss();
    await clock.advance(50);
    await line.sent.shift()?.answer();
    told();
    await clock.advance(10_000);
    down();
    line.tell.onUp();
    await line.sent.shift()?.refuse();
    await line.sent.shift()?.refuse();
    await line.sent.shift()?.answer();
    expect(told()[0]).toContain('error The server refused');
    await clock.advance(50);
    expect(line.take()).toEqual(['subscribe a']);
  });

  test('may be heard before its answer is read: the gap comes first', async () => {
    const { line, clock, told } = await refusedAfterLoss();
    await clock.advance(50);
    line.tell.onMessage(messageOn('channel', 'a', '1'));
    expect(told()).toEqual(['gap a 10000 10050', 'channel a: 1']);
    await line.sent.shift()?.answer();
    expect(told()).toEqual([]);
  });

  test('and lost with everything else has its gap end there; the next one goes on', async () => {
    const { line, clock, told, down } = await refusedAfterLoss();
    await clock.advance(49);
    down(0);
    expect(told()).toEqual(['gap a 10000 10049']);
    await clock.advance(100);
    expect(line.take()).toEqual([]); // its timer belonged to the connection that is gone
    line.tell.onUp();
    await line.answerAll();
    expect(told()).toEqual(['gap a,b 10000 10149', 'ready']);
  });

  test('that nobody wants any more is not asked for again', async () => {
    const { engine, line, clock, told } = await refusedAfterLoss();
    engine.unsubscribe('channel', ['a']);
    expect(line.take()).toEqual(['-subscribe a']);
    await clock.advance(20_000);
    expect(line.take()).toEqual([]);
    expect(told()).toEqual([]);
  });

  test('and given up meanwhile is no error', async () => {
    const { engine, line, clock, up, down, told } = createEngine();
    void engine.subscribe('channel', ['a']);
    await up();
    down();
    line.tell.onUp();
    engine.unsubscribe('channel', ['a']);
    await line.sent.shift()?.refuse();
    expect(told().join()).not.toContain('error');
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is refused to those who subscribe to it now, and stays with those who have it', async () => {
    const { engine, line, clock } = await refusedAfterLoss();
    const late = engine.subscribe('channel', ['a']);
    expect(await stateOf(late)).toBe('pending');
    await clock.advance(50);
    await line.sent.shift()?.refuse();
    expect(await stateOf(late)).toBe(REFUSED);
    expect(engine.wanted().channels).toEqual(['a', 'b']);
    expect(line.take()).toEqual([]);
  });
});

test('10 000 names go into one command, the rest into another', async () => {
  const { engine, line, up } = createEngine();
  await up();
  void engine.subscribe(
    'channel',
    Array.from({ length: 20_001 }, (_, index) => `c${index}`),
  );
  expect(line.sent.map(({ names }) => [names.length, names[0]])).toEqual([
    [10_000, 'c0'],
    [10_000, 'c10000'],
    [1, 'c20000'],
  ]);
});
