import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ConnectionInfo } from '../../../src/ledger/connection.js';
import type { LedgerEntry } from '../../../src/ledger/ledger.js';
import type { LeaseReport } from '../../../src/pool/pool-report.js';
import { createLeftoversError, shortPath } from '../../../src/testing/leftovers-error.js';

const at = (file: string) => join(process.cwd(), file);

function connection(callSite: readonly string[], more: Partial<ConnectionInfo> = {}): LedgerEntry {
  const facts = { name: 'orders@web-1', role: 'command', target: 'redis://h:6379', state: 'ready', callSite };
  return { info: () => ({ ...facts, ...more }) } as unknown as LedgerEntry;
}

function lease(location: string, pool = 'orders@web-1#pool'): LeaseReport {
  return { pool, location, name: 'work', stack: `work (${location})` } as LeaseReport;
}

function errorFor(entries: readonly LedgerEntry[], leases: readonly LeaseReport[] = []) {
  const keyed = leases.map((each, index) => [String(index), each] as const);
  return createLeftoversError('This test has left', {
    entries,
    pools: [],
    clusters: [],
    leases: new Map(keyed),
  });
}

/** The lines of the message between its head and the remedy. */
const linesOf = (error: Error) => error.message.split('\n').slice(1, -1);

test('connections are folded by the line that opened them, the most first', () => {
  const [one, two] = [[`open (${at('test/a.test.ts')}:3:9)`], [`${at('src/b.ts')}:4:1`]];
  const error = errorFor([
    connection(one),
    connection(two),
    connection(two, { state: 'reconnecting' }),
    connection(two),
  ]);
  expect(error.message).toMatch(/^This test has left 4 connections open:\n/);
  expect(linesOf(error)).toEqual([
    '  3 connections opened by src/b.ts:4:1 (orders@web-1, redis://h:6379, ready; orders@web-1, redis://h:6379, reconnecting)',
    '  1 connection opened by test/a.test.ts:3:9 (orders@web-1, redis://h:6379, ready)',
  ]);
});

test('subscribers, pooled connections and leases are called what they are', () => {
  const error = errorFor(
    [
      connection([`${at('a.js')}:1:1`], { role: 'subscriber', name: 'orders@web-1#subscriber' }),
      connection([`${at('a.js')}:2:1`], { role: 'pool', name: 'orders@web-1#pool' }),
    ],
    [lease(`${at('a.js')}:3:1`), lease(`${at('a.js')}:3:1`)],
  );
  expect(error.message).toMatch(/^This test has left 2 connections and 2 leases open:\n/);
  expect(linesOf(error).map((line) => line.replace(/ \(.*/, ''))).toEqual([
    '  2 leases of the pool orders@web-1#pool acquired by a.js:3:1',
    '  1 subscriber opened by a.js:1:1',
    '  1 pooled connection opened by a.js:2:1',
  ]);
});

test('the stack is that of the first line, and the frames of packages are left out', () => {
  const frames = [
    `new Queue (${at('node_modules/bullmq/dist/queue.js')}:5:5)`,
    `jobs (${at('src/jobs.ts')}:7:3)`,
    `${at('test/jobs.test.ts')}:9:1`,
  ];
  const error = errorFor([connection(frames)]);
  expect(linesOf(error)[0]).toContain('opened by src/jobs.ts:7:3 ');
  expect(error.stack).toBe(`HygieneError: ${error.message}\n    at ${frames[1]}\n    at ${frames[2]}`);
  expect(error.details['connections']).toMatchObject([{ callSite: frames }]);
});

test('a connection that a package has opened by itself is told by the line of the package', () => {
  const error = errorFor([connection([`${at('node_modules/bullmq/dist/queue.js')}:5:5`])]);
  expect(linesOf(error)[0]).toContain('opened by node_modules/bullmq/dist/queue.js:5:5 ');
});

test('without a call site the line is unknown, and the stack is the own one', () => {
  const error = errorFor([connection([], { name: '' })]);
  expect(linesOf(error)[0]).toBe(
    '  1 connection opened by an unknown line (without a name, redis://h:6379, ready)',
  );
  expect(error.stack).toContain('createLeftoversError');
});

test('the message of many lines is short', () => {
  const entries = Array.from({ length: 30 }, (_, index) => connection([`${at('a.js')}:${index}:1`]));
  const { message } = errorFor(entries);
  expect(message.split('\n').length).toBeLessThanOrEqual(20);
  expect(message).toContain('\n  … and 18 more of 18 other lines\n');
});

test('different facts of one line are cut off', () => {
  const entries = [1, 2, 3, 4].map((port) => connection(['a.js:1:1'], { target: `redis://h:${port}` }));
  expect(linesOf(errorFor(entries))[0]).toMatch(/redis:\/\/h:3, ready; …\)$/);
});

describe('shortPath', () => {
  test.each([
    [pathToFileURL(at('test/a b.ts')).href, 'test/a b.ts'],
    [at('a.ts'), 'a.ts'],
    ['/elsewhere/a.ts', '/elsewhere/a.ts'],
    ['a.ts', 'a.ts'],
    ['node:internal/net', 'node:internal/net'],
    ['file://host%00/a.ts', 'file://host%00/a.ts'],
    ['<anonymous>', '<anonymous>'],
  ])('%s → %s', (file, short) => expect(shortPath(file)).toBe(short));
});
