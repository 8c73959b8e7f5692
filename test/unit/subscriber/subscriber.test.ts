import { describe, expect, test } from 'vitest';
import { stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { messageOn } from '../../support/unit/subscriber/fake-subscription-connection.js';
import { bytes, hear, NOTHING, underTest, up } from '../../support/unit/subscriber/subscriber-harness.js';

describe('events', () => {
  test('tell messages of each kind as text and as bytes', async () => {
    const { subscriber, line } = await up();
    for (const verb of ['subscribe', 'psubscribe', 'ssubscribe'] as const) void subscriber[verb]('a*');
    await line.answerAll();
    const heard = hear(
      subscriber,
      'message',
      'pmessage',
      'smessage',
      'messageBuffer',
      'pmessageBuffer',
      'smessageBuffer',
    );
    line.tell.onMessage(messageOn('channel', 'a*', '1'));
    line.tell.onMessage(messageOn('pattern', 'a*', '2', 'ab'));
    line.tell.onMessage(messageOn('shard', 'a*', '3'));
    expect(heard).toEqual([
      ['messageBuffer', bytes('a*'), bytes('1')],
      ['message', 'a*', '1'],
      ['pmessageBuffer', 'a*', bytes('ab'), bytes('2')],
      ['pmessage', 'a*', 'ab', '2'],
      ['smessageBuffer', bytes('a*'), bytes('3')],
      ['smessage', 'a*', '3'],
    ]);
  });

  test('tell the life of the connection', async () => {
    const { subscriber, line, clock } = await up('a');
    const heard = hear(subscriber, 'ready', 'gap', 'reconnecting', 'error', 'closed');
    await clock.advance(5_000);
    line.tell.onDown(clock.now());
    line.tell.onRedial(70);
    line.tell.onError(new Error('connect ECONNREFUSED'));
    line.tell.onUp();
    await line.answerAll();
    await subscriber.close();
    expect(heard).toEqual([
      ['reconnecting', { attempt: 1, delayMs: 70 }],
      ['error', new Error('connect ECONNREFUSED')],
      ['gap', { ...NOTHING, channels: ['a'], from: 104_000, to: 105_000 }],
      ['ready'],
      ['closed', expect.objectContaining({ code: 'HYG_SUBSCRIBER_CLOSED' })],
    ]);
  });

  test('may be heard once, and no longer', async () => {
    const { subscriber, line } = await up('a');
    const heard: string[] = [];
    const listener = (_channel: string, message: string) => heard.push(message);
    subscriber.once('message', listener);
    line.tell.onMessage(messageOn('channel', 'a', '1'));
    line.tell.onMessage(messageOn('channel', 'a', '2'));
    subscriber.on('message', listener).off('message', listener);
    line.tell.onMessage(messageOn('channel', 'a', '3'));
    expect(heard).toEqual(['1']);
  });

  test('that nobody hears are none: an error does not throw', () => {
    const { line } = underTest();
    expect(() => line.tell.onError(new Error('no'))).not.toThrow();
  });
});

describe('methods', () => {
  test.each([
    ['subscribe', 'channels', 'subscribe a b', '-subscribe a b'],
    ['psubscribe', 'patterns', 'psubscribe a b', '-psubscribe a b'],
    ['ssubscribe', 'shardChannels', 'ssubscribe a b', '-ssubscribe a b'],
  ] as const)('%s names and gives them back', async (verb, kind, begin, end) => {
    const { subscriber, line } = await up();
    const subscribing = subscriber[verb]('a', ['b']);
    expect(await line.answerAll()).toEqual([begin]);
    expect(await stateOf(subscribing)).toBe('resolved');
    expect(subscriber.wanted()).toEqual({ ...NOTHING, [kind]: ['a', 'b'] });
    await subscriber[verb.replace('sub', 'unsub') as 'unsubscribe'](['a', 'b']);
    expect(await line.answerAll()).toEqual([end]);
    expect(subscriber.wanted()).toEqual(NOTHING);
  });

  test.each(['subscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'] as const)(
    '%s() without a name rejects, and does not throw',
    async (verb) => {
      const { subscriber } = underTest();
      await expect(subscriber[verb]()).rejects.toMatchObject({ code: 'HYG_OPTION_TYPE' });
      await expect(subscriber[verb]([])).rejects.toMatchObject({ code: 'HYG_OPTION_TYPE' });
    },
  );

  test('close() is done once, also by the end of a block', async () => {
    const { subscriber, line } = underTest();
    const heard = hear(subscriber, 'closed');
    {
      await using same = subscriber;
      expect(same.close()).toBe(same.close());
    }
    expect([line.closes, heard.length]).toEqual([1, 1]);
  });
});
