import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRecord } from './record.js';

/** Pause between the reply to a write, or its failure, and the next write. */
const PAUSE_MS = 10;

/** The first write that was acknowledged by another server than the write before. */
export interface Arrival {
  /** Port of the server, from its INFO. */
  readonly port: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Writes of a client in a loop. */
export interface Writes {
  /** The first write that this server acknowledged at or after `since`. Resolves with `undefined` after `withinMs`. */
  arrival(port: number, since: number, withinMs: number): Promise<Arrival | undefined>;
  stop(): void;
}

/** Writes and requests INFO in the same pipeline. Returns the port of the server, which may be a former master for a while. */
async function write(client: Redis, key: string): Promise<number | undefined> {
  const replies = await client.pipeline().set(key, Date.now()).info('server').exec();
  const [[refused] = [new Error('no reply')], [, info] = []] = replies ?? [];
  return refused ? undefined : Number(/^tcp_port:(\d+)/m.exec(String(info))?.[1]);
}

/** Writes in a loop until `stop()`. While the client has no connection, one write waits in it. */
export function startWrites(client: Redis, key: string, onArrival?: (arrival: Arrival) => void): Writes {
  const arrivals = createRecord<Arrival>();
  let isWriting = true;

  async function writeInLoop(): Promise<void> {
    while (isWriting) {
      const port = await write(client, key).catch(() => undefined); // refused, or the connection was lost; the next write may succeed
      if (port !== undefined && port !== arrivals.last()?.port) {
        const arrival = { port, at: Date.now() };
        arrivals.add(arrival);
        onArrival?.(arrival);
      }
      await sleep(PAUSE_MS);
    }
  }
  void writeInLoop();

  return {
    arrival: (port, since, withinMs) =>
      arrivals.find((one) => one.port === port && one.at >= since, withinMs),
    stop: () => void (isWriting = false),
  };
}
