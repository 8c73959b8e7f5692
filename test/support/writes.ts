import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRecord } from './record.js';

/** A write at a time, this long after the last one was answered or refused. */
const PAUSE_MS = 10;

/** A write that was acknowledged by another server than the one before. */
export interface Arrival {
  /** The server's port, by its own word. */
  readonly port: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A client's endless writes. */
export interface Writes {
  /** The first write that the server on this port acknowledged at or after `since`, if it comes in time. */
  arrival(port: number, since: number, withinMs: number): Promise<Arrival | undefined>;
  stop(): void;
}

/** Writes and asks in the same breath which server took it: a former master may acknowledge writes for a while. */
async function write(client: Redis, key: string): Promise<number | undefined> {
  const replies = await client.pipeline().set(key, Date.now()).info('server').exec();
  const [[refused] = [new Error('no reply')], [, info] = []] = replies ?? [];
  return refused ? undefined : Number(/^tcp_port:(\d+)/m.exec(String(info))?.[1]);
}

/** Writes until it is told to stop. While the client has no connection one write waits in it, and no more. */
export function startWrites(client: Redis, key: string, onArrival?: (arrival: Arrival) => void): Writes {
  const arrivals = createRecord<Arrival>();
  let isWriting = true;

  async function writeOn(): Promise<void> {
    while (isWriting) {
      const port = await write(client, key).catch(() => undefined); // refused or cut off: the next one will do
      if (port !== undefined && port !== arrivals.last()?.port) {
        const arrival = { port, at: Date.now() };
        arrivals.add(arrival);
        onArrival?.(arrival);
      }
      await sleep(PAUSE_MS);
    }
  }
  void writeOn();

  return {
    arrival: (port, since, withinMs) =>
      arrivals.find((one) => one.port === port && one.at >= since, withinMs),
    stop: () => void (isWriting = false),
  };
}
