import { fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createRecord } from '../test/support/record.js';
import type { SentinelConnection } from '../test/support/sentinels.js';
import type { Make, Order, Told } from './failover-child.js';

const CHILD = fileURLToPath(new URL('./failover-child.ts', import.meta.url));
const IOREDIS5 = fileURLToPath(new URL('../test/support/ioredis5.cjs', import.meta.url));

/** Who writes through a failover. */
export interface Cast {
  readonly title: string;
  readonly make: Make;
  readonly ioredis: 5 | 6;
}

/** A process with one client that writes all the time. */
export interface Contestant {
  readonly cast: Cast;
  /** Opens a client and waits for its first write. */
  open(): Promise<void>;
  close(): void;
  /** When the server on this port first acknowledged a write of the client, if it did so in time. */
  wrote(port: number, withinMs: number): Promise<number | undefined>;
  end(): void;
}

const OPEN_MS = 30_000;

export function startContestant(cast: Cast, entry: string, connection: SentinelConnection): Contestant {
  const { NODE_OPTIONS = '' } = process.env;
  const options = cast.ioredis === 5 ? `${NODE_OPTIONS} --require=${IOREDIS5}` : NODE_OPTIONS;
  const child = fork(CHILD, [entry, cast.make, JSON.stringify(connection)], {
    env: { ...process.env, NODE_OPTIONS: options },
  });
  const told = createRecord<Told>();
  child.on('message', (message) => told.add(message as Told));
  const order = (text: Order) => void child.send(text);

  return {
    cast,
    async open() {
      told.clear();
      order('open');
      if (!(await told.find(() => true, OPEN_MS)))
        throw new Error(`${cast.title} wrote nothing in ${OPEN_MS} ms.`);
    },
    close: () => order('close'),
    wrote: async (port, withinMs) => (await told.find((one) => one.port === port, withinMs))?.at,
    end: () => void child.kill(),
  };
}
