import { Redis as Raw } from 'ioredis';
import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import type { SubscribingClient } from '../../src/connect/ioredis/internals.js';
import { loadIoredis } from '../../src/connect/ioredis/load-ioredis.js';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/use-redis.js';

// Internals of ioredis that src/connect uses. These tests run on both majors, see vitest.config.ts.

const redis = useRedis();

test('the major under test is the one that this project is configured for', () => {
  const { version } = createRequire(import.meta.url)('ioredis/package.json') as { version: string };
  expect(loadIoredis()).toBe(createRequire(import.meta.url)('ioredis'));
  expect(process.execArgv.join().includes('ioredis5') ? /^5\./ : /^6\./).toEqual(expect.any(RegExp));
  expect(version).toMatch(process.execArgv.join().includes('ioredis5') ? /^5\./ : /^6\./);
});

test('a client has the internal members that we use', async () => {
  const client = new Raw(redis.server.port, redis.server.host);
  await client.ping();
  const internals = clientInternals(client);
  expect(internals.connector).toMatchObject({
    connect: expect.any(Function),
    disconnect: expect.any(Function),
  });
  expect(internals.stream?.localPort).toBeGreaterThan(0);
  expect(internals.reconnectTimeout).toBeNull();
  expect(internals.manuallyClosing).toBe(false);
  expect([
    internals.commandQueue.length,
    internals.offlineQueue.length,
    client.autoPipelineQueueSize,
  ]).toEqual([0, 0, 0]);
  expect(internals.flushQueue).toEqual(expect.any(Function));
  expect(internals.setStatus).toEqual(expect.any(Function));
  expect(internals.commandQueue.toArray()).toEqual([]);
  expect(internals.commandQueue.clear).toEqual(expect.any(Function));
  expect(internals.offlineQueue).toMatchObject({ shift: expect.any(Function), push: expect.any(Function) });
  expect(internals.recoverFromFatalError).toEqual(expect.any(Function));
  client.disconnect();
  expect(internals.manuallyClosing).toBe(true);
});

test('a command starts the timer of socketTimeout unless it runs, and the answer ends it', async () => {
  const client = new Raw(redis.server.port, redis.server.host, { socketTimeout: 10_000 });
  await client.ping();
  const internals = clientInternals(client);
  expect(internals.socketTimeoutTimer).toBeUndefined();
  internals.socketTimeoutTimer = null;
  const answer = client.ping();
  expect(internals.socketTimeoutTimer).toBeNull();
  await answer;
  internals.socketTimeoutTimer = undefined;
  const another = client.ping();
  expect(internals.socketTimeoutTimer).toEqual(expect.any(Object));
  await another;
  client.disconnect();
});

test('a connection has a condition of its own, with its set of subscriptions', async () => {
  const client = new Raw(redis.server.port, redis.server.host, { autoResubscribe: false });
  await client.ping();
  const { condition } = clientInternals(client);
  expect(condition).toMatchObject({ select: 0, subscriber: false });
  await client.subscribe('a');
  expect(condition.subscriber && condition.subscriber.isEmpty()).toBe(false);
  clientInternals(client).stream?.destroy();
  await eventually(() => expect(clientInternals(client).condition).not.toBe(condition));
  await eventually(() => expect(client.status).toBe('ready'));
  client.disconnect();
});

test('every status of a client is set by setStatus', async () => {
  const client = new Raw(redis.server.port, redis.server.host, { lazyConnect: true });
  const setStatus = vi.spyOn(clientInternals(client), 'setStatus');
  await client.connect();
  client.disconnect();
  await eventually(() => expect(client.status).toBe('end'));
  expect(setStatus.mock.calls.map(([status]) => status)).toEqual([
    'connecting',
    'connect',
    'ready',
    'close',
    'end',
  ]);
});

test('the ready check is the last step before a client is ready, and may be delayed', async () => {
  const client = new Raw(redis.server.port, redis.server.host, { lazyConnect: true });
  const original = clientInternals(Raw.prototype as Raw)._readyCheck;
  let asked = false;
  clientInternals(client)._readyCheck = (callback) => {
    setTimeout(() => {
      asked = true;
      expect(client.status).toBe('connect');
      original.call(client, callback);
    }, 50);
  };
  const ready = client.connect().then(() => asked);
  expect(await ready).toBe(true);
  expect(client.status).toBe('ready');
  client.disconnect();
});

test('CLIENT and INFO are sent in the handshake, before the ready check', async () => {
  const client = new Raw(redis.server.port, redis.server.host, { lazyConnect: true });
  const replies: unknown[] = [];
  client.on('connect', () => {
    for (const [name, args] of [
      ['client', ['info']],
      ['info', ['server']],
      ['client', ['list', 'ID', '1']],
    ] as const) {
      const command = new (loadIoredis().Command)(name, [...args], { replyEncoding: 'utf8' });
      void (client.sendCommand(command) as Promise<unknown>).then((reply) => replies.push(reply));
    }
  });
  await client.connect();
  expect(replies).toEqual([
    expect.stringMatching(/^id=\d+ addr=/),
    expect.stringMatching(/run_id:\w{40}/),
    expect.any(String),
  ]);
  client.disconnect();
});

test('the head of the command queue shows the blocking command', async () => {
  const client = new Raw(redis.server.port, redis.server.host);
  await client.ping();
  const popped = client.blpop('nothing', 0).catch((error: unknown) => error);
  expect(clientInternals(client).commandQueue.peekFront()?.command).toMatchObject({
    name: 'blpop',
    args: ['nothing', '0'],
  });
  expect(loadIoredis().Command.checkFlag('BLOCKING_COMMANDS', 'blpop')).toBe(true);
  client.disconnect();
  await popped;
});

test('a client that waits to redial has its timer in reconnectTimeout', async () => {
  const client = new Raw({ port: 1, host: '127.0.0.1', retryStrategy: () => 60_000 });
  client.on('error', () => undefined);
  await eventually(() => expect(client.status).toBe('reconnecting'));
  expect(clientInternals(client).reconnectTimeout).not.toBeNull();
  client.disconnect();
  expect(clientInternals(client).reconnectTimeout).toBeNull();
});

test('connectors can be subclassed', () => {
  const { AbstractConnector } = loadIoredis();
  expect(AbstractConnector).toEqual(expect.any(Function));
});

test('a client knows the channels that it has subscribed to, also when it has ended', async () => {
  const client = new Raw(redis.server.port, redis.server.host);
  const channels = (type: 'subscribe' | 'psubscribe') => {
    const subscriber = (client as SubscribingClient).condition?.subscriber;
    return subscriber ? subscriber.channels(type) : [];
  };
  await client.subscribe('a', 'b');
  await client.psubscribe('c*');
  await client.unsubscribe('b');
  client.disconnect();
  await eventually(() => expect(client.status).toBe('end'));
  expect([channels('subscribe'), channels('psubscribe')]).toEqual([['a'], ['c*']]);
});
