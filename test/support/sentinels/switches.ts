import type { Redis } from 'ioredis';
import { createRecord } from '../record.js';

/** One `+switch-master`, as the first sentinel told it. */
export interface Switch {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Port of the master before. */
  readonly from: number;
  /** Port of the new master. */
  readonly to: number;
}

/** Notes when any sentinel first tells of a new master. */
export interface SwitchListener {
  /** The first switch at or after `since`. @throws Error when none is told in time */
  next(since: number, withinMs: number): Promise<Switch>;
  close(): void;
}

/** Subscribes on each of these connections. */
export async function listenForSwitches(
  subscribers: readonly Redis[],
  name: string,
): Promise<SwitchListener> {
  const heard = createRecord<Switch>();

  function hear(text: string): void {
    const at = Date.now();
    const [master, , from, , to] = text.split(' ');
    if (master === name) heard.add({ at, from: Number(from), to: Number(to) });
  }

  for (const subscriber of subscribers) subscriber.on('message', (_channel, text: string) => hear(text));
  await Promise.all(subscribers.map((subscriber) => subscriber.subscribe('+switch-master')));

  return {
    async next(since, withinMs) {
      const found = await heard.find(({ at }) => at >= since, withinMs);
      if (!found) throw new Error(`No sentinel told of a new master of ${name} within ${withinMs} ms.`);
      return found;
    },
    close: () => subscribers.forEach((subscriber) => subscriber.disconnect()),
  };
}
