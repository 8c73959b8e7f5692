import type { Redis } from 'ioredis';
import { createRecord } from '../record.js';

/** The first `+switch-master` of a failover. */
export interface Switch {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Port of the old master. */
  readonly from: number;
  /** Port of the new master. */
  readonly to: number;
}

/** A failover that a sentinel gave up. */
interface Abort {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Event of the sentinel, such as `-failover-abort-slave-timeout`. */
  readonly why: string;
}

/** Records the time at which the first sentinel publishes a new master. */
export interface SwitchListener {
  /** Waits for the first switch at or after `since`. @throws Error after `withinMs` */
  next(since: number, withinMs: number): Promise<Switch>;
  /** Waits for the end of a failover that began at `since`. @throws Error after `withinMs` */
  outcome(since: number, withinMs: number): Promise<Switch | Abort>;
  close(): void;
}

/** Error after a time limit. */
function timeoutError(name: string, withinMs: number): Error {
  return new Error(`No sentinel published a new master of ${name} within ${withinMs} ms.`);
}

/** Subscribes to the events of sentinels on each of these connections. */
export async function listenForSwitches(
  subscribers: readonly Redis[],
  name: string,
): Promise<SwitchListener> {
  const switches = createRecord<Switch>();
  const outcomes = createRecord<Switch | Abort>();

  function recordSwitch(text: string): void {
    const at = Date.now();
    const [master, , from, , to] = text.split(' ');
    if (master !== name) return;
    const entry = { at, from: Number(from), to: Number(to) };
    switches.add(entry);
    outcomes.add(entry);
  }

  /** @param text Message of the form `master NAME HOST PORT` */
  function recordAbort(why: string, text: string): void {
    if (text.split(' ')[1] === name) outcomes.add({ at: Date.now(), why });
  }

  async function listen(subscriber: Redis): Promise<void> {
    subscriber.on('message', (_channel, text: string) => recordSwitch(text));
    subscriber.on('pmessage', (_pattern, channel: string, text: string) => recordAbort(channel, text));
    await subscriber.subscribe('+switch-master');
    await subscriber.psubscribe('-failover-abort-*');
  }
  await Promise.all(subscribers.map(listen));

  const isAfter =
    (since: number) =>
    ({ at }: { readonly at: number }) =>
      at >= since;
  return {
    async next(since, withinMs) {
      const found = await switches.find(isAfter(since), withinMs);
      if (!found) throw timeoutError(name, withinMs);
      return found;
    },
    async outcome(since, withinMs) {
      const found = await outcomes.find(isAfter(since), withinMs);
      if (!found) throw timeoutError(name, withinMs);
      return found;
    },
    close: () => subscribers.forEach((subscriber) => subscriber.disconnect()),
  };
}
