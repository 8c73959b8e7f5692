import { createSubscriber, type Subscriber } from '../../../../src/subscriber/subscriber.js';
import { createFakeClock } from '../fake-clock.js';
import { FakeLine } from './fake-subscription-connection.js';

export const bytes = (text: string) => Buffer.from(text);
export const NOTHING = { channels: [], patterns: [], shardChannels: [] };

export function underTest() {
  const line = new FakeLine();
  const clock = createFakeClock({ startMs: 100_000 });
  const factory = { isOpen: true };
  const bounds = { baseMs: 100, capMs: 10_000 };
  const subscriber = createSubscriber({ clock, bounds, open: line.open, isOpen: () => factory.isOpen });
  return { subscriber, line, clock, factory };
}

/** All of these events, by name and payload. */
export function hear(subscriber: Subscriber, ...names: Parameters<Subscriber['on']>[0][]): unknown[][] {
  const heard: unknown[][] = [];
  for (const name of names) subscriber.on(name, (...payload: unknown[]) => heard.push([name, ...payload]));
  return heard;
}

/** A subscriber of these channels whose connection is up. */
export async function up(...channels: string[]) {
  const parts = underTest();
  if (channels.length > 0) void parts.subscriber.subscribe(...channels);
  parts.line.tell.onUp();
  await parts.line.answerAll();
  return parts;
}
