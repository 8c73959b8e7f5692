// Clients of node-redis and of Valkey GLIDE, unchanged code. Each message names what to do next.
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { readLedger } from './process-ledger.mjs';

const require = createRequire(import.meta.url);
const redis = require(process.env.LIBRARY ?? 'redis');
const url = process.env.REDIS_URL;

const opened = [];
const errors = [];
const replies = [];

function keep(client) {
  client.on('error', ({ message }) => errors.push(message));
  opened.push(client);
  return client;
}

const close = (client) => (client.close ?? client.quit).call(client);
const destroy = (client) => (client.destroy ?? client.disconnect).call(client);

const actions = {
  create: (options) => void keep(redis.createClient({ url, ...options })),
  connect: () => opened.at(-1).connect(),
  client: (options) => keep(redis.createClient({ url, ...options })).connect(),
  dial: (options) =>
    void keep(redis.createClient({ url, ...options }))
      .connect()
      .catch(() => undefined),
  many: (count) =>
    Promise.all(Array.from({ length: count }, () => keep(redis.createClient({ url })).connect())),
  duplicate: () => keep(opened.at(-1).duplicate()).connect(),
  pool: (options) => keep(redis.createClientPool({ url }, options)).connect(),
  cluster: (rootNodes) => keep(redis.createCluster({ rootNodes, useReplicas: true })).connect(),
  sentinel: (options) => keep(redis.createSentinel(options)).connect(),
  set: (count) => Promise.all(Array.from({ length: count }, (_, i) => opened.at(-1).set(`key-${i}`, i))),
  begin: (count) => {
    for (let i = 0; i < count; i += 1) {
      opened
        .at(-1)
        .set(`key-${i}`, i)
        .then(
          (reply) => replies.push(reply),
          ({ message }) => replies.push(message),
        );
    }
  },
  close: () => close(opened.pop()),
  destroy: () => destroy(opened.pop()),
  async glide({ isCluster, ...options }) {
    const { GlideClient, GlideClusterClient } = require('@valkey/valkey-glide');
    opened.push(await (isCluster ? GlideClusterClient : GlideClient).createClient(options));
  },
  look: () => undefined,
  /** Breaks the ledger: whatever enters it or changes its state reads the clock. */
  breakClock() {
    process.hrtime = () => {
      throw new Error('no clock');
    };
  },
  async expectNothingOpen() {
    const { expectNoOpenConnections } = await import('redis-hygiene/testing');
    await expectNoOpenConnections({ graceMs: 0 });
  },
  exit: () => process.exit(0),
};

process.on('message', async ({ action, argument }) => {
  const before = errors.length;
  const error = await Promise.resolve()
    .then(() => actions[action](argument))
    .then(
      () => undefined,
      ({ message }) => message,
    );
  process.send({ error, errors: errors.slice(before), ...readLedger() });
});
subscribe('redis-hygiene:shutdown', ({ data }) => process.send({ report: data, replies }));
process.send('loaded');
