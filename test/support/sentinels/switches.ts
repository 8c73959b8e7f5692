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

/** A failover that a sentinel gave up. */
interface Abort {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The sentinel's word for it: `-failover-abort-slave-timeout`. */
  readonly why: string;
}

/** Notes when any sentinel first tells of a new master. */
export interface SwitchListener {
  /** The first switch at or after `since`. @throws Error when none is told in time */
  next(since: number, withinMs: number): Promise<Switch>;
  /** What became of a failover that began at `since`. @throws Error when nothing is told in time */
  outcome(since: number, withinMs: number): Promise<Switch | Abort>;
  close(): void;
}

/** The time is up. */
function untold(name: string, withinMs: number): Error {
  return new Error(`No sentinel told of a new master of ${name} within ${withinMs} ms.`);
}

/** Subscribes on each of these connections. */
export async function listenForSwitches(
  subscribers: readonly Redis[],
  name: string,
): Promise<SwitchListener> {
  const switches = createRecord<Switch>();
  const outcomes = createRecord<Switch | Abort>();

  function hearSwitch(text: string): void {
    const at = Date.now();
    const [master, , from, , to] = text.split(' ');
    if (master !== name) return;
    const told = { at, from: Number(from), to: Number(to) };
    switches.add(told);
    outcomes.add(told);
  }

  /** `master`, its name, its address */
  function hearAbort(why: string, text: string): void {
    if (text.split(' ')[1] === name) outcomes.add({ at: Date.now(), why });
  }

  async function listen(subscriber: Redis): Promise<void> {
    subscriber.on('message', (_channel, text: string) => hearSwitch(text));
    subscriber.on('pmessage', (_pattern, channel: string, text: string) => hearAbort(channel, text));
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
      if (!found) throw untold(name, withinMs);
      return found;
    },
    async outcome(since, withinMs) {
      const found = await outcomes.find(isAfter(since), withinMs);
      if (!found) throw untold(name, withinMs);
      return found;
    },
    close: () => subscribers.forEach((subscriber) => subscriber.disconnect()),
  };
}
