import { expect, test } from 'vitest';
import type { ConnectionInfo } from '../../../src/ledger/connection.js';
import { renderLedger } from '../../../src/register/ledger-report.js';

function connection(role: string, site?: string, state: ConnectionInfo['state'] = 'ready'): ConnectionInfo {
  const callSite = site === undefined ? [] : [site, 'another frame'];
  return { role, state, target: 'redis://redis-1:6379', callSite } as unknown as ConnectionInfo;
}

test('equal connections share a row, the largest row first', () => {
  const cart = Array.from({ length: 12 }, () => connection('command', 'handler (cart.js:12:18)'));
  const text = renderLedger(
    'orders@web-1',
    [
      connection('bullmq', 'new RedisConnection (bullmq.js:1:1)'),
      ...cart,
      connection('command', undefined, 'reconnecting'),
    ],
    'at exit',
  );
  expect(text.split('\n')).toEqual([
    'redis-hygiene: orders@web-1 has 14 connections open at exit',
    '      12  command  redis://redis-1:6379  ready         handler (cart.js:12:18)',
    '       1  bullmq   redis://redis-1:6379  ready         new RedisConnection (bullmq.js:1:1)',
    '       1  command  redis://redis-1:6379  reconnecting  (unknown)',
    '',
  ]);
});

test('the heading counts no connection, and one', () => {
  expect(renderLedger('a@b', [], 'on SIGUSR2')).toBe(
    'redis-hygiene: a@b has 0 connections open on SIGUSR2\n',
  );
  expect(renderLedger('a@b', [connection('x', 'y')], 'at exit')).toMatch(
    /^redis-hygiene: a@b has 1 connection open/,
  );
});
