import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { channelTable, publishEvent } from '../../../src/factory/channels.js';
import type { HygieneEvents, PolicyEvent } from '../../../src/factory/events.js';

const identity = { service: 'orders', host: 'web-1' };
const policy: PolicyEvent = { at: 1, option: 'keepAlive', given: 0, used: 15_000, why: 'reason' };
const NAME = 'redis-hygiene:policy';

const subscribers: (() => void)[] = [];

function listen(listener: (message: unknown, name: string | symbol) => void, name = NAME): void {
  subscribe(name, listener);
  subscribers.push(() => unsubscribe(name, listener));
}

afterEach(() => {
  subscribers.splice(0).forEach((end) => end());
  vi.restoreAllMocks();
});

test('every event has one channel', () => {
  const all: Readonly<Record<keyof HygieneEvents, true>> = {
    ...{ connecting: true, connected: true, ready: true, reconnecting: true, closed: true, stale: true },
    ...{ stalled: true, recovered: true, orphan: true, saturated: true, failover: true, gap: true },
    ...{ suspect: true, 'lease-overdue': true, 'lease-returned': true, policy: true, error: true },
    shutdown: true,
  };
  const published = Object.values(channelTable).flatMap(({ events }) => events as readonly string[]);
  expect(published.toSorted()).toEqual(Object.keys(all).toSorted());
});

test('a message has the event, the factory and what listeners get', () => {
  const heard = vi.fn();
  listen(heard);
  publishEvent(identity, 'policy', policy);
  expect(heard.mock.calls).toEqual([
    [{ event: 'policy', service: 'orders', host: 'web-1', data: policy }, NAME],
  ]);
});

test('nothing is made for a channel without a subscriber', () => {
  expect(channel(NAME).hasSubscribers).toBe(false);
  const data = new Proxy(policy, { get: () => expect.unreachable() });
  publishEvent(identity, 'policy', data);
});

describe('a subscriber that throws', () => {
  test('reaches neither the connection nor the other subscribers, and is told once', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const heard = vi.fn();
    listen(() => {
      throw new Error('No room on the disk');
    });
    listen(heard);
    publishEvent(identity, 'policy', policy);
    publishEvent(identity, 'policy', policy);
    expect(heard).toHaveBeenCalledTimes(2);
    expect(warn.mock.calls).toEqual([
      [
        `A subscriber of the channel ${NAME} has thrown: No room on the disk. The connections are not affected. This is reported once.`,
        { type: 'RedisHygieneWarning', code: 'HYG_OBSERVER_THREW' },
      ],
    ]);
  });

  test.each([
    ['a value that has no text', Object.create(null) as object],
    ['undefined', undefined],
    ['5', Object.assign(new Error(''), { message: 5 })],
  ])('is told whatever it throws: %s', (text, thrown) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const name = `redis-hygiene:${{ '5': 'gap', undefined: 'lease' }[text] ?? 'suspect'}`;
    const [event] = channelTable[name.slice('redis-hygiene:'.length) as 'gap'].events;
    listen(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- a subscriber may throw anything
      throw thrown;
    }, name);
    publishEvent(identity, event, policy as never);
    expect(warn.mock.calls[0]?.[0]).toContain(`has thrown: ${text}. `);
  });

  test('in a promise is told too, and there is no unhandled rejection', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- as applications do
    listen(() => Promise.reject(new Error('Too late')), 'redis-hygiene:shutdown');
    publishEvent(identity, 'shutdown', policy as never);
    await Promise.resolve(); // vitest fails a run with an unhandled rejection
    expect(warn.mock.calls[0]?.[0]).toContain('has thrown: Too late. ');
  });

  test('may unsubscribe while a message is delivered: all others get it', () => {
    const heard = vi.fn();
    const once = () => unsubscribe(NAME, once);
    subscribe(NAME, once);
    listen(heard);
    publishEvent(identity, 'policy', policy);
    expect(heard).toHaveBeenCalledOnce();
  });
});

test('this version of Node lets subscribers be called one by one', () => {
  listen(() => undefined);
  expect(Reflect.get(channel(NAME), '_subscribers')).toHaveLength(1);
});
