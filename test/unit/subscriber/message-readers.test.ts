import { describe, expect, test } from 'vitest';
import { stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { messageOn } from '../../support/unit/subscriber/fake-subscription-connection.js';
import { bytes, hear, NOTHING, underTest, up } from '../../support/unit/subscriber/subscriber-harness.js';

describe('messages()', () => {
  test('reads its own names of its own kind, as text or bytes', async () => {
    const { subscriber, line } = await up();
    const text = subscriber.messages(['a', 'b']);
    const raw = subscriber.messages('a', { encoding: 'buffer' });
    const pattern = subscriber.messages('a*', { kind: 'pattern' });
    expect(await line.answerAll()).toEqual(['subscribe a b', 'psubscribe a*']);
    line.tell.onMessage(messageOn('channel', 'a', '1'));
    line.tell.onMessage(messageOn('pattern', 'a*', '2', 'ab'));
    line.tell.onMessage(messageOn('channel', 'b', '3'));
    const value = async (inbox: AsyncIterator<unknown>) => (await inbox.next()).value as unknown;
    expect(await value(text)).toEqual({ kind: 'channel', name: 'a', channel: 'a', message: '1' });
    expect(await value(text)).toEqual({ kind: 'channel', name: 'b', channel: 'b', message: '3' });
    expect(await value(raw)).toEqual({
      kind: 'channel',
      name: 'a',
      channel: bytes('a'),
      message: bytes('1'),
    });
    expect(await value(pattern)).toEqual({ kind: 'pattern', name: 'a*', channel: 'ab', message: '2' });
    expect([await stateOf(text.next()), await stateOf(raw.next())]).toEqual(['pending', 'pending']);
  });

  test('gives back its names, and only its own, when it is left', async () => {
    const { subscriber, line } = await up('a');
    const loop = subscriber.messages(['a', 'b', 'b']);
    await line.answerAll();
    await loop.return();
    await loop.return();
    expect(line.take()).toEqual(['-subscribe b']);
    expect(subscriber.wanted().channels).toEqual(['a']);
  });

  test('tells that it overflows, with its names', async () => {
    const { subscriber, line } = await up();
    const heard = hear(subscriber, 'overflow');
    const loop = subscriber.messages('s', { kind: 'shard', limit: 1, drop: 'newest' });
    await line.answerAll();
    for (const text of ['1', '2', '3']) line.tell.onMessage(messageOn('shard', 's', text));
    expect(heard).toEqual([['overflow', { ...NOTHING, shardChannels: ['s'], limit: 1, dropped: 1 }]]);
    expect(loop.dropped).toBe(2);
  });

  test('throws where it is refused, and keeps nothing', async () => {
    const { subscriber, line } = await up();
    const loop = subscriber.messages('a');
    const first = loop.next();
    first.catch(() => undefined);
    await line.sent.shift()?.refuse();
    await expect(first).rejects.toMatchObject({ code: 'HYG_SUBSCRIBE_REFUSED' });
    await loop.return();
    expect(subscriber.wanted()).toEqual(NOTHING);
  });

  test('throws at once where it can never be right', () => {
    const { subscriber } = underTest();
    expect(() => subscriber.messages([])).toThrow('No names were given');
    expect(() => subscriber.messages('a', { limit: 0 })).toThrow('Option "limit"');
    expect(subscriber.wanted()).toEqual(NOTHING);
  });

  test('ends when the subscriber is closed, after what waits', async () => {
    const { subscriber, line } = await up();
    const loop = subscriber.messages('a');
    await line.answerAll();
    line.tell.onMessage(messageOn('channel', 'a', '1'));
    await subscriber.close();
    const read: string[] = [];
    for await (const { message } of loop) read.push(message);
    expect(read).toEqual(['1']);
  });

  test('ends when the factory is shut down, and throws where the subscriber gives up', async () => {
    for (const isOpen of [false, true]) {
      const { subscriber, line, factory } = await up();
      const next = subscriber.messages('a').next();
      next.catch(() => undefined);
      factory.isOpen = isOpen;
      line.tell.onEnd();
      expect(await stateOf(next)).toBe(isOpen ? 'HYG_SUBSCRIBER_CLOSED' : 'resolved');
    }
  });

  test('of a closed subscriber throws', async () => {
    const { subscriber } = underTest();
    await subscriber.close();
    await expect(subscriber.messages('a').next()).rejects.toMatchObject({ code: 'HYG_SUBSCRIBER_CLOSED' });
  });
});
