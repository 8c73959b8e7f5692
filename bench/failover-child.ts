import type * as Ioredis from 'ioredis';
import { createRequire } from 'node:module';
import process from 'node:process';
import type { SentinelConnection } from '../test/support/sentinels.js';
import { startWrites, type Arrival, type Writes } from '../test/support/writes.js';
import { loadLibrary } from './build.js';

// Runs in a child process: the two majors of ioredis need different processes, and no client has to wait for the event
// loop of another one.

/** Kind of client: made by our factory, by ioredis with its failover detector, or by ioredis without it. */
export type ClientKind = 'ours' | 'detector' | 'plain';

/** A message to this process: open a client before a failover, or close it afterwards. */
export type Request = 'open' | 'close';

/** A message from this process: another server began to acknowledge the client's writes. */
export type Report = Arrival;

const { Redis } = createRequire(import.meta.url)('ioredis') as typeof Ioredis;
const [entry = '', kind, connectionText = '{}'] = process.argv.slice(2);
const connection = JSON.parse(connectionText) as SentinelConnection;
const { createRedisFactory } = await loadLibrary(entry);
const factory = createRedisFactory({ service: 'bench', host: 'bench', connection });

const makers: Readonly<Record<ClientKind, () => Ioredis.Redis>> = {
  ours: () => factory.client(),
  detector: () => new Redis({ ...connection, failoverDetector: true }),
  plain: () => new Redis(connection),
};
const make = makers[kind as ClientKind];

let client: Ioredis.Redis | undefined;
let writes: Writes | undefined;

const handlers: Readonly<Record<Request, () => void>> = {
  open() {
    client = make();
    client.on('error', () => undefined); // losing the server is expected here
    writes = startWrites(client, 'bench:failover', (arrival) => process.send?.(arrival satisfies Report));
  },
  close() {
    writes?.stop();
    client?.disconnect();
  },
};

process.on('message', (request: Request) => handlers[request]());
process.on('disconnect', () => process.exit());
