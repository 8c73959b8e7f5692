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

describe('events', () => {
  test('are emitted for messages of each kind, as text and as bytes', async () => {
    const { subscriber, connection } = await createConnectedSubscriber();
    for (const method of ['subscribe', 'psubscribe', 'ssubscribe'] as const) void subscriber[method]('a*');
    await connection.answerAll();
    const recorded = recordEvents(
      subscriber,
      'message',
      'pmessage',
      'smessage',
      'messageBuffer',
      'pmessageBuffer',
      'smessageBuffer',
    );
    connection.listener.onMessage(incomingMessage('channel', 'a*', '1'));
    connection.listener.onMessage(incomingMessage('pattern', 'a*', '2', 'ab'));
    connection.listener.onMessage(incomingMessage('shard', 'a*', '3'));
    expect(recorded).toEqual([
      ['messageBuffer', bytes('a*'), bytes('1')],
      ['message', 'a*', '1'],
      ['pmessageBuffer', 'a*', bytes('ab'), bytes('2')],
      ['pmessage', 'a*', 'ab', '2'],
      ['smessageBuffer', bytes('a*'), bytes('3')],
      ['smessage', 'a*', '3'],
    ]);
  });

  test('are emitted for losses, gaps and the close', async () => {
    const { subscriber, connection, clock } = await createConnectedSubscriber('a');
    const recorded = recordEvents(subscriber, 'ready', 'gap', 'reconnecting', 'error', 'closed');
    await clock.advance(5_000);
    connection.listener.onDisconnected(clock.now());
    connection.listener.onReconnecting(70);
    connection.listener.onError(new Error('connect ECONNREFUSED'));
    connection.listener.onConnected();
    await connection.answerAll();
    await subscriber.close();
    expect(recorded).toEqual([
      ['reconnecting', { attempt: 1, delayMs: 70 }],
      ['error', new Error('connect ECONNREFUSED')],
      ['gap', { ...NO_NAMES, channels: ['a'], from: 104_000, to: 105_000 }],
      ['ready'],
      ['closed', expect.objectContaining({ code: 'HYG_SUBSCRIBER_CLOSED' })],
    ]);
  });

  test('can be listened to once, and listeners can be removed', async () => {
    const { subscriber, connection } = await createConnectedSubscriber('a');
    const recorded: string[] = [];
    const listener = (_channel: string, message: string) => recorded.push(message);
    subscriber.once('message', listener);
    connection.listener.onMessage(incomingMessage('channel', 'a', '1'));
    connection.listener.onMessage(incomingMessage('channel', 'a', '2'));
    subscriber.on('message', listener).off('message', listener);
    connection.listener.onMessage(incomingMessage('channel', 'a', '3'));
    expect(recorded).toEqual(['1']);
  });

  test('without a listener do nothing: an error event does not throw', () => {
    const { connection } = createTestSubscriber();
    expect(() => connection.listener.onError(new Error('no'))).not.toThrow();
  });
});

describe('methods', () => {
  test.each([
    ['subscribe', 'channels', 'subscribe a b', 'unsubscribe a b'],
    ['psubscribe', 'patterns', 'psubscribe a b', 'punsubscribe a b'],
    ['ssubscribe', 'shardChannels', 'ssubscribe a b', 'sunsubscribe a b'],
  ] as const)('%s subscribes to names and unsubscribes from them', async (method, kind, start, end) => {
    const { subscriber, connection } = await createConnectedSubscriber();
    const subscribing = subscriber[method]('a', ['b']);
    expect(await connection.answerAll()).toEqual([start]);
    expect(await stateOf(subscribing)).toBe('resolved');
    expect(subscriber.desiredSubscriptions()).toEqual({ ...NO_NAMES, [kind]: ['a', 'b'] });
    await subscriber[method.replace('sub', 'unsub') as 'unsubscribe'](['a', 'b']);
    expect(await connection.answerAll()).toEqual([end]);
    expect(subscriber.desiredSubscriptions()).toEqual(NO_NAMES);
  });

  test.each(['subscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'] as const)(
    '%s() without a name rejects instead of throwing',
    async (method) => {
      const { subscriber } = createTestSubscriber();
      await expect(subscriber[method]()).rejects.toMatchObject({ code: 'HYG_OPTION_TYPE' });
      await expect(subscriber[method]([])).rejects.toMatchObject({ code: 'HYG_OPTION_TYPE' });
    },
  );

  test('close() closes once, also at the end of a block with `await using`', async () => {
    const { subscriber, connection } = createTestSubscriber();
    const recorded = recordEvents(subscriber, 'closed');
    {
      await using same = subscriber;
      expect(same.close()).toBe(same.close());
    }
    expect([connection.closeCalls, recorded.length]).toEqual([1, 1]);
  });
});
