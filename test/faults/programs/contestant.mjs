// One contestant in the client namespace: opens clients on request, and reports what happens to them and when.
// argv: the contestant (raw5, raw6, ours5, ours6), and the options of its factories as JSON, by factory name.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const [who, factoryOptions] = [process.argv[2], JSON.parse(process.argv[3])];
const clients = new Map();

const report = (event, client, detail) =>
  process.connected && process.send({ event, client, at: Date.now(), detail });

const EVENTS = [
  'connecting',
  'connected',
  'ready',
  'reconnecting',
  'closed',
  'stale',
  'stalled',
  'recovered',
];

function factory(createRedisFactory, name) {
  const limits = { connections: 1_000, perCallSite: 1_000 }; // all clients have the same call site here
  const made = createRedisFactory({ service: 'faults', host: name, limits, ...factoryOptions[name] });
  for (const event of [...EVENTS, 'orphan']) {
    made.on(event, ({ connection, ...detail }) => report(event, connection?.role ?? detail.role, detail));
  }
  made.on('error', ({ code, message }) => report('error', undefined, { code, message }));
  return made;
}

function rawClient(Redis, name, options) {
  const client = new Redis({ ...options, connectionName: `raw@${who}#${name}` });
  client.on('connect', () => report('connected', name));
  client.on('ready', () => report('ready', name));
  client.on('close', () => report('reconnecting', name));
  return client;
}

/** Returns a function that makes clients, with the same parameters for raw ones and ours. */
async function createClientMaker() {
  const { Redis } = require('ioredis');
  if (who.startsWith('raw')) return (name, options) => rawClient(Redis, name, options);
  const { createRedisFactory } = await import('redis-hygiene');
  const factories = new Map(
    Object.keys(factoryOptions).map((name) => [name, factory(createRedisFactory, name)]),
  );
  extendAll = (ms) => Promise.all([...factories.values()].map((made) => made.extendTo(ms)));
  return (name, options, from) => factories.get(from).client({ ...options, connectionName: name });
}

/** Takes items in a loop with BLPOP 0. */
async function consume(name, key) {
  for (;;) {
    const [, value] =
      (await clients
        .get(name)
        .blpop(key, 0)
        .catch(() => undefined)) ?? [];
    if (value !== undefined) report('item', name, { value });
    else await sleep(50);
  }
}

/** Writes to the server and returns its port. `undefined` if the server refuses, or the connection is lost. */
async function writeOnce(name) {
  const replies = clients.get(name).pipeline().set(`written:${name}`, Date.now()).info('server').exec();
  const [[refused], [, info]] = await replies.catch((error) => [[error], []]);
  return refused ? undefined : Number(/^tcp_port:(\d+)/m.exec(info)[1]);
}

/** Writes in a loop, and reports `wrote PORT` when another server begins to acknowledge. */
async function write(name) {
  for (let last; ; await sleep(10)) {
    const port = await writeOnce(name);
    if (port !== undefined && port !== last) report(`wrote ${(last = port)}`, name);
  }
}

/** Tells all factories that a call of a function begins. */
let extendAll = () => Promise.resolve();

const make = await createClientMaker();

const actions = {
  open({ name, options, from }) {
    const client = make(name, options, from);
    client.on('error', () => undefined);
    client.on('message', (_channel, value) => report('message', name, { value }));
    clients.set(name, client);
  },
  call: ({ name, command, args }) => clients.get(name)[command](...args),
  /** Sends a command without waiting for it: a command that hangs must not block the test. */
  send({ name, command, args }) {
    clients
      .get(name)
      [command](...args)
      .then(
        (value) => report('reply', name, { command, value }),
        (error) => report('rejected', name, { command, message: error.message }),
      );
  },
  async extend({ ms }) {
    const at = Date.now();
    await extendAll(ms);
    return Date.now() - at;
  },
  consume: ({ name, key }) => void consume(name, key),
  write: ({ name }) => void write(name),
  /** Blocks the event loop without using CPU that other scenarios need. */
  block: ({ ms }) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};

process.on('message', async ({ id, action, ...request }) => {
  try {
    const result = await actions[action](request);
    process.send({ id, result });
  } catch (error) {
    process.send({ id, error: error.message });
  }
});
// This process ends with the test, however that ends. If it is stopped or blocked, the timer ends it.
process.on('disconnect', () => process.exit());
setTimeout(() => process.exit(1), 15 * 60_000).unref();
report('up', undefined, { ioredis: require('ioredis/package.json').version });
