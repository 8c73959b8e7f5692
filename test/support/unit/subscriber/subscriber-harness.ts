import { createSubscriber, type Subscriber } from '../../../../src/subscriber/subscriber.js';
import { createFakeClock } from '../fake-clock.js';
import { FakeSubscriptionConnection } from './fake-subscription-connection.js';

export const bytes = (text: string) => Buffer.from(text);
export const NO_NAMES = { channels: [], patterns: [], shardChannels: [] };

/** Creates a subscriber over a fake connection that has not connected yet. */
export function createTestSubscriber() {
  const connection = new FakeSubscriptionConnection();
  const clock = createFakeClock({ startMs: 100_000 });
  const factory = { isOpen: true };
  const bounds = { baseMs: 100, capMs: 10_000 };
  const subscriber = createSubscriber({
    ...{ clock, bounds, open: connection.open },
    isOpen: () => factory.isOpen,
    onGap: () => undefined,
  });
  return { subscriber, connection, clock, factory };
}

/** Creates a connected subscriber to these channels. */
export async function createConnectedSubscriber(...channels: string[]) {
  const parts = createTestSubscriber();
  if (channels.length > 0) void parts.subscriber.subscribe(...channels);
  parts.connection.listener.onConnected();
  await parts.connection.answerAll();
  return parts;
}

/** Records these events, by name and payload. */
export function recordEvents(
  subscriber: Subscriber,
  ...names: Parameters<Subscriber['on']>[0][]
): unknown[][] {
  const recorded: unknown[][] = [];
  for (const name of names) subscriber.on(name, (...payload: unknown[]) => recorded.push([name, ...payload]));
  return recorded;
}
