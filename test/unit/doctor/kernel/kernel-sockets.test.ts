import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { endOf, parseTcpTable, readKernelSockets } from '../../../../src/doctor/kernel/kernel-sockets.js';
import { tcpTable } from '../../../support/unit/doctor/kernel/tcp-rows.js';

const REDIS = new Set([6379]);

describe.skipIf(endianness() === 'BE')('a row', () => {
  const only = (row: Parameters<typeof tcpTable>[0]) => parseTcpTable(tcpTable(row), REDIS)?.[0];

  test('gives both ends, the state, the user and the socket of a connection', () => {
    expect(only('client')).toEqual({
      local: '127.0.0.1 50000',
      remote: '127.0.0.1 6379',
      remotePort: 6379,
      state: 'established',
      queuedBytes: 0,
      timer: 'keepalive',
      timerMs: 6_845_640,
      timesResent: 0,
      unansweredProbes: 0,
      uid: 1000,
      isOwned: true,
      inode: '222',
    });
  });

  test('gives IPv6 addresses, and mapped IPv4 addresses as IPv4', () => {
    expect(only('six')?.local).toBe('::1 50000');
    expect(only('mapped')?.local).toBe('127.0.0.1 50001');
  });

  test('shows a connection without a process', () => {
    expect(only('closing')).toMatchObject({ state: 'closing', isOwned: false, inode: '0' });
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
    expect(sockets?.map(({ inode }) => inode)).toEqual(['111', '222']);
  });

  test('may be empty', () => {
    expect(parseTcpTable('', REDIS)).toEqual([]);
  });

  test('with a damaged row shows nothing: the row may be that of any connection', () => {
    expect(parseTcpTable(tcpTable('server', 'client').slice(0, -40), REDIS)).toBeUndefined();
  });
});

describe.skipIf(endianness() === 'BE')('a folder of tables', () => {
  function folderOf(tables: { readonly tcp?: string; readonly tcp6?: string }): string {
    const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-net-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [name, text] of Object.entries(tables)) writeFileSync(join(folder, name), text);
    return folder;
  }

  test('gives each connection once, also without IPv6', () => {
    const tcp = tcpTable('client', 'server');
    expect(readKernelSockets(folderOf({ tcp, tcp6: tcpTable('six') }), REDIS)).toHaveLength(3);
    expect(readKernelSockets(folderOf({ tcp }), REDIS)).toHaveLength(2);
  });

  test('gives nothing if a table is missing or damaged', () => {
    const damaged = tcpTable('client').slice(0, -40);
    for (const tables of [{}, { tcp6: tcpTable('six') }, { tcp: tcpTable('client'), tcp6: damaged }])
      expect(readKernelSockets(folderOf(tables), REDIS)).toBeUndefined();
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
