import { endianness } from 'node:os';
import { describe, expect, test } from 'vitest';
import { parseTcpRow, tcpRowsOf } from '../../../src/core/tcp-table.js';
import { tcpTable } from '../../support/unit/doctor/kernel/tcp-rows.js';

describe.skipIf(endianness() === 'BE')('a row', () => {
  const parse = (row: Parameters<typeof tcpTable>[0]) => parseTcpRow(tcpRowsOf(tcpTable(row))[0] ?? '');

  test('gives the ends and the facts of a connection', () => {
    expect(parse('client')).toEqual({
      ...{ localAddress: '127.0.0.1', localPort: 50_000, remoteAddress: '127.0.0.1', remotePort: 6379 },
      ...{ state: 'established', queuedBytes: 0, timer: 'keepalive', timerMs: 6_845_640 },
      ...{ timesResent: 0, unansweredProbes: 0, uid: 1000, isOwned: true, inode: '222' },
    });
  });

  test.each([
    ['other', { state: 'close-wait' }],
    ['listens', { state: 'listen' }],
    ['closing', { state: 'closing', isOwned: false, timer: 'resend', timesResent: 4 }],
    ['waits', { state: 'closing', isOwned: false, timer: 'other' }],
    ['resending', { timer: 'resend', queuedBytes: 22, timesResent: 3 }],
    ['probing', { timer: 'keepalive', unansweredProbes: 2 }],
    ['six', { localAddress: '0000:0000:0000:0000:0000:0000:0000:0001', localPort: 50_000 }],
  ] as const)('%s: %j', (row, expected) => {
    expect(parse(row)).toMatchObject(expected);
  });

  test.each(['', '   0: 0100007F:C350 0100007F:18EB 01', '   0: 0100007F 0100007F 01 00000000:00000000'])(
    'is damaged: %j',
    (row) => {
      expect(parseTcpRow(row)).toBeUndefined();
    },
  );
});
