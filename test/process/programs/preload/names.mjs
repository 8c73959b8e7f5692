// Makes clients in every possible way, and reports their names on the server.
import { Queue, QueueEvents, Worker } from 'bullmq';
import Redis, { Redis as Named } from 'ioredis';
import * as namespace from 'ioredis';
import { createRequire } from 'node:module';
import five from 'lib-five';
import six from '@acme/lib-six';

const require = createRequire(import.meta.url);
const url = process.env.REDIS_URL;
const { hostname: host, port: digits } = new URL(url);
const port = Number(digits);
class Mine extends Redis {}

const lazy = new Redis({ host, port, lazyConnect: true });
await lazy.connect();
const { default: Imported } = await import('ioredis');
const first = new Redis(url);
const mine = [
  first,
  lazy,
  new Named(port, host),
  new namespace.default({ host, port }),
  new (require('ioredis'))(url),
  new Imported(url),
  new Mine(url),
  Redis.createClient?.(url) ?? new Redis(url),
  first.duplicate(),
];
const others = [new Redis({ host, port, connectionName: 'cache' }), five.open(url), six.open(url)];

const connection = { host, port };
const queue = new Queue('mail', { connection });
const worker = new Worker('mail', ({ data }) => Promise.resolve(data.x + 1), { connection });
const events = new QueueEvents('mail', { connection });
await events.waitUntilReady();
const job = await queue.add('one', { x: 41 });
const result = await job.waitUntilFinished(events);

for (const client of [...mine, ...others]) await client.ping();
const names = (await first.client('LIST'))
  .trim()
  .split('\n')
  .map((row) => /name=(\S*)/.exec(row)[1]);
const sane = mine.every((client) => client instanceof Redis) && mine[6] instanceof Mine;
await Promise.all([worker.close(), events.close(), queue.close()]);
process.send({ names: names.sort(), result, sane, workers: (await first.client('LIST')).includes('bull:') });
for (const client of [...mine, ...others]) client.disconnect();
process.disconnect();
