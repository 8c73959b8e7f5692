import type { Redis } from 'ioredis';
import { systemClock } from '../../src/core/clock.js';
import type { Gap, Subscriber } from '../../src/index.js';

/** Two channels, two channels that match a pattern, and a shard channel. */
export const CHANNELS = ['a', 'b', 'p:1', 'p:2', 's'] as const;

const { now } = systemClock;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Period in which a message was published, from its PUBLISH command to the reply, in milliseconds since the epoch. */
export interface Published {
  readonly sent: number;
  acknowledged: number;
}

/** Publishes 1, 2, 3, … on each channel, about every 2 ms, until `stop()`, which also closes the publisher. */
export function publishNumbers(publisher: Redis) {
  const published = new Map<string, Published[]>(CHANNELS.map((channel) => [channel, []]));
  const run = { isStopped: false };
  async function publish(): Promise<void> {
    const batch = publisher.pipeline();
    const entries = CHANNELS.map((channel) => {
      const entry = { sent: now(), acknowledged: Infinity };
      const number = published.get(channel)?.push(entry);
      batch.call(channel === 's' ? 'SPUBLISH' : 'PUBLISH', channel, String(number));
      return entry;
    });
    await batch.exec();
    entries.forEach((entry) => (entry.acknowledged = now()));
  }
  const done = (async () => {
    while (!run.isStopped) await Promise.all([publish(), pause(2)]);
    await publish(); // the last number of each channel reaches a subscriber that has recovered
    publisher.disconnect();
  })();
  const stop = async () => {
    run.isStopped = true;
    await done;
    return published;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** A number that was not received, and how many gaps had been reported when the next number was. */
export interface MissingMessage {
  readonly channel: string;
  readonly number: number;
  readonly gapsReported: number;
}

/** Receives the numbers. Each may come once, and none after a later one. */
export function receiveNumbers(subscriber: Subscriber) {
  const last = new Map<string, number>(CHANNELS.map((channel) => [channel, 0]));
  const missing: MissingMessage[] = [];
  const disorder: string[] = [];
  const gaps: Gap[] = [];
  function receive(channel: string, message: string): void {
    const [before, number] = [last.get(channel) as number, Number(message)];
    if (number <= before) disorder.push(`${channel}: ${number} after ${before}`);
    for (let lost = before + 1; lost < number; lost += 1)
      missing.push({ channel, number: lost, gapsReported: gaps.length });
    last.set(channel, number);
  }
  subscriber.on('message', receive).on('smessage', receive);
  subscriber.on('pmessage', (_pattern, channel, message) => receive(channel, message));
  subscriber.on('gap', (gap) => gaps.push(gap));
  return { last, missing, disorder, gaps };
}
