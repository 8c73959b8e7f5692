import type * as Ioredis from 'ioredis';
import { createRequire } from 'node:module';
import process from 'node:process';
import type { SentinelConnection } from '../test/support/sentinels.js';
import { startWrites, type Arrival, type Writes } from '../test/support/writes.js';
import { loadLibrary } from './build.js';

// Runs in a process of its own: ours over either major cannot share one, and no contestant waits for another's loop.

/** How a contestant's client is made. */
export type Make = 'ours' | 'detector' | 'plain';

/** `open` and `close` a client, one for each failover. */
export type Order = 'open' | 'close';

/** Every server that begins to acknowledge the client's writes. */
export type Told = Arrival;

const { Redis } = createRequire(import.meta.url)('ioredis') as typeof Ioredis;
const [entry = '', given, connectionText = '{}'] = process.argv.slice(2);
const connection = JSON.parse(connectionText) as SentinelConnection;
const { createRedisFactory } = await loadLibrary(entry);
const factory = createRedisFactory({ service: 'bench', host: 'bench', connection });

const makers: Readonly<Record<Make, () => Ioredis.Redis>> = {
  ours: () => factory.client(),
  detector: () => new Redis({ ...connection, failoverDetector: true }),
  plain: () => new Redis(connection),
};
const make = makers[given as Make];

let client: Ioredis.Redis | undefined;
let writes: Writes | undefined;

const orders: Readonly<Record<Order, () => void>> = {
  open() {
    client = make();
    client.on('error', () => undefined); // servers that go are what this is about
    writes = startWrites(client, 'bench:failover', (arrival) => process.send?.(arrival satisfies Told));
  },
  close() {
    writes?.stop();
    client?.disconnect();
  },
};

process.on('message', (order: Order) => orders[order]());
process.on('disconnect', () => process.exit());
