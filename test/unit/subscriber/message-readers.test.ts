import { describe, expect, test } from 'vitest';
import { stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { incomingMessage } from '../../support/unit/subscriber/fake-subscription-connection.js';
import {
  bytes,
  createConnectedSubscriber,
  createTestSubscriber,
  NO_NAMES,
  recordEvents,
} from '../../support/unit/subscriber/subscriber-harness.js';

describe('messages()', () => {
  test('returns messages of its own names and kind, as text or as bytes', async () => {
    const { subscriber, connection } = await createConnectedSubscriber();
    const text = subscriber.messages(['a', 'b']);
    const raw = subscriber.messages('a', { encoding: 'buffer' });
    const pattern = subscriber.messages('a*', { kind: 'pattern' });
    expect(await connection.answerAll()).toEqual(['subscribe a b', 'psubscribe a*']);
    connection.listener.onMessage(incomingMessage('channel', 'a', '1'));
    connection.listener.onMessage(incomingMessage('pattern', 'a*', '2', 'ab'));
    connection.listener.onMessage(incomingMessage('channel', 'b', '3'));
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

  test('unsubscribes from its own names, and from no others, when the loop is left', async () => {
    const { subscriber, connection } = await createConnectedSubscriber('a');
    const loop = subscriber.messages(['a', 'b', 'b']);
    await connection.answerAll();
    await loop.return();
    await loop.return();
    expect(connection.takeSent()).toEqual(['unsubscribe b']);
    expect(subscriber.desiredSubscriptions().channels).toEqual(['a']);
  });

  test('emits an overflow event with its names when messages are dropped', async () => {
    const { subscriber, connection } = await createConnectedSubscriber();
    const recorded = recordEvents(subscriber, 'overflow');
    const loop = subscriber.messages('s', { kind: 'shard', limit: 1, drop: 'newest' });
    await connection.answerAll();
    for (const text of ['1', '2', '3']) connection.listener.onMessage(incomingMessage('shard', 's', text));
    expect(recorded).toEqual([['overflow', { ...NO_NAMES, shardChannels: ['s'], limit: 1, dropped: 1 }]]);
    expect(loop.dropped).toBe(2);
  });

  test('throws when the server refuses the subscription, and keeps no name', async () => {
    const { subscriber, connection } = await createConnectedSubscriber();
    const loop = subscriber.messages('a');
    const first = loop.next();
    first.catch(() => undefined);
    await connection.sent.shift()?.refuse();
    await expect(first).rejects.toMatchObject({ code: 'HYG_SUBSCRIBE_REFUSED' });
    await loop.return();
    expect(subscriber.desiredSubscriptions()).toEqual(NO_NAMES);
  });

  test('throws at once on invalid names or options', () => {
    const { subscriber } = createTestSubscriber();
    expect(() => subscriber.messages([])).toThrow('No names were given');
    expect(() => subscriber.messages('a', { limit: 0 })).toThrow('Option "limit"');
    expect(subscriber.desiredSubscriptions()).toEqual(NO_NAMES);
  });

  test('ends when the subscriber is closed, after the buffered messages', async () => {
    const { subscriber, connection } = await createConnectedSubscriber();
    const loop = subscriber.messages('a');
    await connection.answerAll();
    connection.listener.onMessage(incomingMessage('channel', 'a', '1'));
    await subscriber.close();
    const read: string[] = [];
    for await (const { message } of loop) read.push(message);
    expect(read).toEqual(['1']);
  });

  test('ends when the factory is shut down, and throws when the subscriber gives up reconnecting', async () => {
    for (const isOpen of [false, true]) {
      const { subscriber, connection, factory } = await createConnectedSubscriber();
      const next = subscriber.messages('a').next();
      next.catch(() => undefined);
      factory.isOpen = isOpen;
      connection.listener.onEnd();
      expect(await stateOf(next)).toBe(isOpen ? 'HYG_SUBSCRIBER_CLOSED' : 'resolved');
    }
  });

  test('throws on a closed subscriber', async () => {
    const { subscriber } = createTestSubscriber();
    await subscriber.close();
    await expect(subscriber.messages('a').next()).rejects.toMatchObject({ code: 'HYG_SUBSCRIBER_CLOSED' });
  });
});
