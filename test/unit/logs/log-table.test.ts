import { expect, test } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import type { HygieneEvents } from '../../../src/factory/events.js';
import { channelTable } from '../../../src/factory/channels.js';
import type { ConnectionInfo } from '../../../src/ledger/connection.js';
import { lineOf, logTable } from '../../../src/logs/log-table.js';

/** Names that loggers give to parts of a line of their own, so a field of ours would replace them. */
const RESERVED = [
  'name',
  'level',
  'msg',
  'message',
  'time',
  'timestamp',
  'pid',
  'hostname',
  'v',
  'stack',
  'err',
];

const connection: ConnectionInfo = {
  ...{ id: 1, name: 'orders@web-1', role: 'command', target: 'redis://h:6379', callSite: ['main.js:1:2'] },
  ...{ state: 'ready', since: 1, openedAt: 1, dials: 1, clientId: 7, localPort: 1_000 },
  ...{ bytesRead: 0, bytesWritten: 0 },
};

const samples = {
  connecting: { at: 1, connection, from: undefined },
  reconnecting: { at: 1, connection, from: 'ready' },
  closed: { at: 1, connection, from: 'ready', reason: 'shutdown' },
  stale: { at: 1, connection, ageMs: 1, cause: 'kernel', silentMs: 1 },
  error: new HygieneError('HYG_CONNECT_FAILED', 'No.', {
    details: { name: 'orders@web-1', role: 'command', target: 'redis://h:6379', reason: 'EIO' },
  }),
  policy: { at: 1, option: 'keepAlive', given: 0, used: 15_000, why: 'Because.' },
  gap: {
    ...{ at: 1, name: 'orders@web-1#subscriber', role: 'subscriber', target: 'redis://h:6379' },
    ...{ from: 1, to: 5, channels: ['a'], patterns: [], shardChannels: [] },
  },
} as const satisfies Partial<{ [Name in keyof HygieneEvents]: HygieneEvents[Name][0] }>;

const names = Object.keys(samples) as (keyof typeof samples)[];

test('every event has a row', () => {
  const events = Object.values(channelTable).flatMap((row) => row.events as readonly string[]);
  expect(Object.keys(logTable).sort()).toEqual([...events].sort());
});

test.each(names)('the line of %s has no field that loggers use themselves', (name) => {
  const line = lineOf(name, samples[name] as never, { [name]: 'info' });
  expect(line).toMatchObject({ level: 'info', fields: { event: name } });
  expect(Object.keys(line?.fields ?? {}).filter((field) => RESERVED.includes(field))).toEqual([]);
});

test('levels are those of the table, unless others are given', () => {
  const levelOf = (name: keyof typeof samples, payload: unknown = samples[name], levels = {}) =>
    lineOf(name, payload as never, levels)?.level;
  expect(levelOf('connecting')).toBeUndefined();
  expect(levelOf('reconnecting')).toBe('warn');
  expect(levelOf('reconnecting', { ...samples.reconnecting, from: 'connecting' })).toBe('debug');
  expect(levelOf('closed')).toBe('debug');
  expect(levelOf('error')).toBe('error');
  expect(levelOf('error', samples.error, { error: 'off' })).toBeUndefined();
  expect(levelOf('connecting', samples.connecting, { connecting: 'debug' })).toBe('debug');
});

test('a ready connection is told at info after an outage, with its time', () => {
  const ready = { at: 1, connection, from: 'connected' } as const;
  const lineOfReady = (dials: number, durationMs?: number, wasReady = true) =>
    lineOf(
      'ready',
      { ...ready, connection: { ...connection, dials } },
      {},
      durationMs === undefined ? undefined : { durationMs, wasReady },
    );
  expect(lineOfReady(1)).toMatchObject({ level: 'debug', message: 'A Redis connection is ready' });
  expect(lineOfReady(2)).toMatchObject({ level: 'info', message: 'A Redis connection is ready again' });
  expect(lineOfReady(9, 17_004)).toMatchObject({
    level: 'info',
    message: 'A Redis connection is ready again after 17 s',
    fields: { outageMs: 17_004 },
  });
  expect(lineOfReady(2, 250, false)?.message).toBe(
    'A Redis connection is ready, 250 ms after its first dial has failed',
  );
});

test.each([
  ['kernel', 'The peer of a Redis connection is gone (kernel)'],
  ['handshake', 'A Redis server does not answer a connection, which is closed (handshake)'],
  ['stall-limit', 'A Redis server does not answer a connection, which is closed (stall-limit)'],
] as const)('a connection that is stale by %s is told so', (cause, message) => {
  expect(lineOf('stale', { ...samples.stale, cause }, {})?.message).toBe(message);
});

test('events of one fact have the same key, others not', () => {
  const keyOf = (id: number, target: string) =>
    lineOf('stale', { ...samples.stale, connection: { ...connection, id, target } }, {})?.key;
  expect(keyOf(1, 'redis://h')).toBe(keyOf(2, 'redis://h'));
  expect(keyOf(1, 'redis://h')).not.toBe(keyOf(1, 'redis://other'));
});

test('an error is told by code and connection, with its other details', () => {
  expect(lineOf('error', samples.error, {})?.fields).toEqual({
    ...{ event: 'error', code: 'HYG_CONNECT_FAILED', connection: 'orders@web-1', role: 'command' },
    ...{ target: 'redis://h:6379', details: { reason: 'EIO' } },
  });
});
