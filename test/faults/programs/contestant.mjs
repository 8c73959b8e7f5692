// One contestant in the client namespace: opens clients on request, and tells what happens to them and when.
// argv: who it is (raw5, raw6, ours5, ours6), and the options of its factories as JSON, by factory name.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const [who, factoryOptions] = [process.argv[2], JSON.parse(process.argv[3])];
const clients = new Map();

const tell = (event, client, detail) =>
  process.connected && process.send({ event, client, at: Date.now(), detail });

const FACTS = ['connecting', 'connected', 'ready', 'reconnecting', 'closed', 'stale', 'stalled', 'recovered'];

function factory(createRedisFactory, name) {
  const limits = { connections: 1_000, perCallSite: 1_000 }; // every client comes from one line here
  const made = createRedisFactory({ service: 'faults', host: name, limits, ...factoryOptions[name] });
  for (const fact of [...FACTS, 'orphan']) {
    made.on(fact, ({ connection, ...detail }) => tell(fact, connection?.role ?? detail.role, detail));
  }
  made.on('error', ({ code, message }) => tell('error', undefined, { code, message }));
  return made;
}

function rawClient(Redis, name, options) {
  const client = new Redis({ ...options, connectionName: `raw@${who}#${name}` });
  client.on('connect', () => tell('connected', name));
  client.on('ready', () => tell('ready', name));
  client.on('close', () => tell('reconnecting', name));
  return client;
}

/** Gives a function that makes clients, the same for raw ones and ours. */
async function maker() {
  const { Redis } = require('ioredis');
  if (who.startsWith('raw')) return (name, options) => rawClient(Redis, name, options);
  const { createRedisFactory } = await import('redis-hygiene');
  const factories = new Map(
    Object.keys(factoryOptions).map((name) => [name, factory(createRedisFactory, name)]),
  );
  return (name, options, from) => factories.get(from).client({ ...options, connectionName: name });
}

/** A worker that takes items for ever, as BLPOP 0 does. */
async function consume(name, key) {
  for (;;) {
    const [, value] =
      (await clients
        .get(name)
        .blpop(key, 0)
        .catch(() => undefined)) ?? [];
    if (value !== undefined) tell('item', name, { value });
    else await sleep(50);
  }
}

/** Asks a server to take a write and to say which one it is; nothing when it refuses, or the connection is lost. */
async function writeOnce(name) {
  const replies = clients.get(name).pipeline().set(`written:${name}`, Date.now()).info('server').exec();
  const [[refused], [, info]] = await replies.catch((error) => [[error], []]);
  return refused ? undefined : Number(/^tcp_port:(\d+)/m.exec(info)[1]);
}

/** Writes for ever, and tells when another server begins to acknowledge: `wrote PORT`. */
async function write(name) {
  for (let last; ; await sleep(10)) {
    const port = await writeOnce(name);
    if (port !== undefined && port !== last) tell(`wrote ${(last = port)}`, name);
  }
}

const make = await maker();

const actions = {
  open({ name, options, from }) {
    const client = make(name, options, from);
    client.on('error', () => undefined);
    client.on('message', (_channel, value) => tell('message', name, { value }));
    clients.set(name, client);
  },
  call: ({ name, command, args }) => clients.get(name)[command](...args),
  /** Without an answer: a command that hangs must not keep the test. */
  send({ name, command, args }) {
    clients
      .get(name)
      [command](...args)
      .then(
        (value) => tell('reply', name, { command, value }),
        (error) => tell('rejected', name, { command, message: error.message }),
      );
  },
  consume: ({ name, key }) => void consume(name, key),
  write: ({ name }) => void write(name),
  /** Holds the event loop without burning a core that other scenarios need. */
  block: ({ ms }) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};

process.on('message', async ({ id, action, ...wish }) => {
  try {
    const result = await actions[action](wish);
    process.send({ id, result });
  } catch (error) {
    process.send({ id, error: error.message });
  }
});
// However the test ends, this process goes with it; a stopped or blocked one by its timer.
process.on('disconnect', () => process.exit());
setTimeout(() => process.exit(1), 15 * 60_000).unref();
tell('up', undefined, { ioredis: require('ioredis/package.json').version });
