import { endianness } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createSocketFinder } from '../../../../../src/doctor/attribution/process/process-sockets.js';
import { parseTcpTable } from '../../../../../src/doctor/kernel/kernel-sockets.js';
import { tcpTable } from '../../../../support/unit/doctor/kernel/tcp-rows.js';
import { peer } from '../../../../support/unit/doctor/attribution/peers.js';

const sockets = (...rows: Parameters<typeof tcpTable>) =>
  parseTcpTable(tcpTable(...rows), new Set([50_000])) ?? [];

const local = { ip: '127.0.0.1', port: 50_000 };

// The rows are those of a little-endian machine.
describe.skipIf(endianness() === 'BE')('the kernel’s table', () => {
  test('gives a socket by both ends', () => {
    const find = createSocketFinder(sockets('client', 'other'));
    expect(find(peer({ ...local, laddr: '127.0.0.1:6379' }))?.inode).toBe('222');
    expect(find(peer({ ...local, laddr: '127.0.0.1:6380' }))?.inode).toBe('333');
    expect(find(peer({ ...local, laddr: '127.0.0.1:6381' }))).toBeUndefined();
    expect(find(peer({ ...local, port: 50_002, laddr: '127.0.0.1:6379' }))).toBeUndefined();
  });

  test('gives a socket by the client end alone if only one matches', () => {
    expect(createSocketFinder(sockets('client'))(peer(local))?.inode).toBe('222');
    expect(createSocketFinder(sockets('client', 'other'))(peer(local))).toBeUndefined();
  });
});
