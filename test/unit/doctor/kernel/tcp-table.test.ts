import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { endOf, NO_INODE, parseTcpTable, readTcpTables } from '../../../../src/doctor/kernel/tcp-table.js';
import { tcpTable } from '../../../support/unit/doctor/kernel/tcp-rows.js';

const REDIS = new Set([6379]);

describe.skipIf(endianness() === 'BE')('a row', () => {
  const only = (row: Parameters<typeof tcpTable>[0]) => parseTcpTable(tcpTable(row), REDIS)[0];

  test('gives both ends, the state, the user and the socket of a connection', () => {
    expect(only('client')).toEqual({
      local: '127.0.0.1 50000',
      remote: '127.0.0.1 6379',
      isEstablished: true,
      queuedBytes: 0,
      timer: 'keepalive',
      timerMs: 6_845_640,
      timesResent: 0,
      unansweredProbes: 0,
      uid: 1000,
      inode: '222',
    });
  });

  test('gives IPv6 addresses, and mapped IPv4 addresses as IPv4', () => {
    expect(only('six')?.local).toBe('::1 50000');
    expect(only('mapped')?.local).toBe('127.0.0.1 50001');
  });

  test('shows a connection without a process', () => {
    expect(only('closing')).toMatchObject({ isEstablished: false, inode: NO_INODE });
  });

  test('shows what the peer does not answer', () => {
    expect(only('resending')).toMatchObject({ timer: 'resend', queuedBytes: 22, timesResent: 3 });
    expect(only('probing')).toMatchObject({ timer: 'keepalive', queuedBytes: 0, unansweredProbes: 2 });
  });
});

describe.skipIf(endianness() === 'BE')('a table', () => {
  test('gives connections with a port at either end, and no listening socket', () => {
    const ports = new Set([50_000]);
    const sockets = parseTcpTable(tcpTable('server', 'client', 'listens', 'resending'), ports);
    expect(sockets.map(({ inode }) => inode)).toEqual(['111', '222']);
  });

  test('may be empty or truncated', () => {
    expect(parseTcpTable('', REDIS)).toEqual([]);
    expect(parseTcpTable(tcpTable('client').slice(0, 130), REDIS)).toEqual([]);
  });

  test('is read from a folder, each connection once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-net-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(readTcpTables(folder, REDIS)).toBeUndefined();
    writeFileSync(join(folder, 'tcp'), tcpTable('client', 'server'));
    writeFileSync(join(folder, 'tcp6'), tcpTable('six'));
    expect(readTcpTables(folder, REDIS)).toHaveLength(3);
  });
});

test.each([
  ['10.0.0.5:4711', '10.0.0.5 4711'],
  ['[fd77::0:1]:4711', 'fd77::1 4711'],
  ['[::ffff:10.0.0.5]:4711', '10.0.0.5 4711'],
  ['/run/redis.sock:0', undefined],
  ['', undefined],
])('the end of %j is %j', (addr, end) => {
  expect(endOf(addr)).toBe(end);
});
