import { fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createRecord } from '../test/support/record.js';
import type { SentinelConnection } from '../test/support/sentinels.js';
import type { ClientKind, Request, Report } from './failover-child.js';

const CHILD = fileURLToPath(new URL('./failover-child.ts', import.meta.url));
const IOREDIS5 = fileURLToPath(new URL('../test/support/ioredis5.cjs', import.meta.url));

/** A client that is compared with others. */
export interface ContestantSpec {
  readonly title: string;
  readonly kind: ClientKind;
  readonly ioredis: 5 | 6;
}

/** A process with one client that writes in a loop. */
export interface Contestant {
  readonly spec: ContestantSpec;
  /** Opens a client and waits until its first write is acknowledged. */
  open(): Promise<void>;
  close(): void;
  /**
   * Time of the first write that the server on this port acknowledged, in milliseconds since the epoch. `undefined` if
   * there was none in time.
   */
  firstWriteAt(port: number, withinMs: number): Promise<number | undefined>;
  end(): void;
}

const OPEN_MS = 30_000;

export function startContestant(
  spec: ContestantSpec,
  entry: string,
  connection: SentinelConnection,
): Contestant {
  const { NODE_OPTIONS = '' } = process.env;
  const options = spec.ioredis === 5 ? `${NODE_OPTIONS} --require=${IOREDIS5}` : NODE_OPTIONS;
  const child = fork(CHILD, [entry, spec.kind, JSON.stringify(connection)], {
    env: { ...process.env, NODE_OPTIONS: options },
  });
  const reports = createRecord<Report>();
  child.on('message', (message) => reports.add(message as Report));
  const send = (request: Request) => void child.send(request);

  return {
    spec,
    async open() {
      reports.clear();
      send('open');
      if (!(await reports.find(() => true, OPEN_MS)))
        throw new Error(`${spec.title}: no write was acknowledged within ${OPEN_MS} ms.`);
    },
    close: () => send('close'),
    firstWriteAt: async (port, withinMs) =>
      (await reports.find((report) => report.port === port, withinMs))?.at,
    end: () => void child.kill(),
  };
}
