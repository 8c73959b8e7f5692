import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createSocketFinder,
  readProcessSockets,
} from '../../../../../src/doctor/attribution/process/process-sockets.js';
import { peer } from '../../../../support/unit/doctor/attribution/peers.js';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

/** Rows of /proc/net/tcp and tcp6 as Linux 6.1 printed them on x86-64. */
const ROWS = {
  server:
    '0100007F:18EB 0100007F:C350 01 00000000:00000000 00:00000000 00000000   999        0 111 1 0 20 4 30 10 -1',
  client:
    '0100007F:C350 0100007F:18EB 01 00000000:00000000 02:000A7214 00000000  1000        0 222 2 0 20 4 30 10 -1',
  other:
    '0100007F:C350 0100007F:18EC 08 00000000:00000000 00:00000000 00000000  1000        0 333 1 0 20 4 30 10 -1',
  listens:
    '00000000:C350 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 444 1 0 100 0 0 10 0',
  waits: '0100007F:C350 0100007F:18ED 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0',
  six: '00000000000000000000000001000000:C350 00000000000000000000000001000000:18EB 01 00000000:00000000 00:00000000 00000000  1000        0 555 1 0 20 4 30 10 -1',
  mapped:
    '0000000000000000FFFF00000100007F:C351 0000000000000000FFFF00000100007F:18EB 01 00000000:00000000 00:00000000 00000000  1000        0 666 1 0 20 4 30 10 -1',
};

function table(...rows: readonly (keyof typeof ROWS)[]): string {
  return [HEAD, ...rows.map((row, at) => `   ${at}: ${ROWS[row]}`), ''].join('\n');
}

let folders: string[] = [];
afterEach(() => {
  folders.forEach((folder) => rmSync(folder, { recursive: true }));
  folders = [];
});

/** A folder like `/proc` with these tables. */
function procWith(tables: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
  folders.push(folder);
  mkdirSync(join(folder, 'net'));
  for (const [name, text] of Object.entries(tables)) writeFileSync(join(folder, 'net', name), text);
  return folder;
}

function read(tables: Readonly<Record<string, string>>) {
  return readProcessSockets(procWith(tables), new Set([50_000, 50_001])) ?? [];
}

const sockets = (...rows: readonly (keyof typeof ROWS)[]) => read({ tcp: table(...rows) });

const local = { ip: '127.0.0.1', port: 50_000 };

// The rows are those of a little-endian machine.
describe.skipIf(endianness() === 'BE')('the kernel’s table', () => {
  test('gives the ends, the socket and the user of each connection that a process owns', () => {
    expect(sockets('server', 'client', 'listens', 'waits')).toMatchObject([
      { local: '127.0.0.1 50000', remote: '127.0.0.1 6379', inode: '222', uid: 1000 },
    ]);
  });

  test('gives IPv6 addresses, and mapped IPv4 addresses as IPv4', () => {
    const found = read({ tcp: table('client'), tcp6: table('six', 'mapped') });
    expect(found.map(({ local: own, remote }) => [own, remote])).toEqual([
      ['127.0.0.1 50000', '127.0.0.1 6379'],
      ['::1 50000', '::1 6379'],
      ['127.0.0.1 50001', '127.0.0.1 6379'],
    ]);
  });

  test('may be empty or truncated', () => {
    expect(read({ tcp: '' })).toEqual([]);
    expect(read({ tcp: table('client').slice(0, 130) })).toEqual([]);
  });

  test('may be missing', () => {
    expect(readProcessSockets(procWith({}), new Set([50_000]))).toBeUndefined();
  });

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
