import fc from 'fast-check';
import { endianness } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import {
  createTcpStateReader,
  type TcpFlow,
  type ReadText,
  type SendQueueState,
} from '../../../src/liveness/tcp-state.js';
import { end, flow, row, table, type RowFacts } from '../../support/unit/liveness/proc-table.js';

const TCP = '/proc/self/net/tcp';
const TCP6 = '/proc/self/net/tcp6';
const resending: RowFacts = { queued: 14, resent: 3, timer: '01:00000069' };

function reader(files: Readonly<Record<string, string>>): ReturnType<typeof vi.fn<ReadText>> {
  return vi.fn<ReadText>((file) => Promise.resolve(files[file] ?? ''));
}

async function readKinds(files: Readonly<Record<string, string>>, ...flows: TcpFlow[]): Promise<string[]> {
  const states = await createTcpStateReader(reader(files))(flows);
  return states.map(({ kind }: SendQueueState) => kind);
}

describe.runIf(endianness() === 'LE')('rows as Linux prints them', () => {
  const v4 = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1E61 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1448042 1 00000000bf0a020d 100 0 0 10 0
   1: 0100007F:BAE2 0100007F:43EF 01 00000000:00000000 02:00000A5B 00000000     0        0 1448043 2 0000000036991cf6 20 4 30 10 -1
  12: 0200A8C0:C350 0305A8C0:18EB 01 0000000E:00000000 01:00000069 00000005   999        0 1448044 2 000000001c93cb93 3200 4 0 1 7
 130: 0200A8C0:C351 0305A8C0:18EB 06 00000000:00000000 03:00000DAC 00000000     0        0 0 3 0000000000000000
`;
  const v6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:AE86 00000000000000000000000001000000:43EF 01 00000000:00000000 00:00000000 00000000     0        0 1448043 1 0000000025fb962e 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:AE87 0000000000000000FFFF00000100007F:43EF 01 0000000E:00000000 01:00000020 00000002     0        0 1448044 1 0000000025fb962e 20 4 30 10 -1
   2: B80D0120000000000000000001000000:AE88 B80D01200000000000000000EFCDAB00:18EB 01 00000010:00000000 01:00000020 00000002     0        0 1448045 1 0000000025fb962e 20 4 30 10 -1
`;

  test('give the state of each flow', async () => {
    const kinds = await readKinds(
      { [TCP]: v4, [TCP6]: v6 },
      flow('127.0.0.1:47842', '127.0.0.1:17391'),
      flow('192.168.0.2:50000', '192.168.5.3:6379'),
      flow('192.168.0.2:50001', '192.168.5.3:6379'),
      flow('192.168.0.2:50002', '192.168.5.3:6379'),
      flow('[::1]:44678', '[::1]:17391'),
      flow('[::ffff:127.0.0.1]:44679', '[::ffff:127.0.0.1]:17391'),
      flow('[2001:db8::100:0]:44680', '[2001:db8::abcdef]:6379'),
      flow('[2001:db8::1]:44680', '[2001:db8::ab:cdef]:6379'),
    );
    expect(kinds).toEqual([
      'acknowledged',
      'unacknowledged',
      'acknowledged',
      'unreadable',
      'acknowledged',
      'unacknowledged',
      'unreadable',
      'unacknowledged',
    ]);
  });
});

describe('the send queue state', () => {
  test.each<[string, RowFacts, string]>([
    ['an idle connection', {}, 'acknowledged'],
    ['bytes that were resent three times', resending, 'unacknowledged'],
    [
      'bytes that are unacknowledged and were sent once',
      { queued: 14, timer: '01:00000010' },
      'unacknowledged',
    ],
    ['an empty queue, with the count of its last resends', { resent: 5 }, 'acknowledged'],
    [
      'a closed receive window, which the kernel probes',
      { queued: 40_000, timer: '04:00000100' },
      'acknowledged',
    ],
    ['one byte that was resent once', { ...resending, queued: 1, resent: 1 }, 'unacknowledged'],
    ['one byte that was resent twice', { ...resending, queued: 1, resent: 2 }, 'unacknowledged'],
    ['the largest values that fit', { ...resending, queued: 0xffff_ffff, resent: 0xff }, 'unacknowledged'],
    ['bytes in the queue without a timer', { queued: 14, timer: '00:00000000' }, 'acknowledged'],
    ['a timer that is overdue', { ...resending, timer: '01:FFFFFFFFFFFFFFFE' }, 'unacknowledged'],
  ])('follows from queue, timer and number of resends: %s', async (_case, facts, expected) => {
    const [local, remote] = ['10.0.0.1:50000', '10.0.0.2:6379'];
    const text = table(row(end(local), end(remote), facts));
    expect(await readKinds({ [TCP]: text }, flow(local, remote))).toEqual([expected]);
  });

  test.each(['0A', '06', '02', '08'])(
    'is not affected by rows in state %s with other ends',
    async (state) => {
      const listening = row(end('10.0.0.1:50000'), end('0.0.0.0:0'), { state, queued: 1, resent: 1 });
      const text = table(listening, row(end('10.0.0.1:50000'), end('10.0.0.2:6379')), listening);
      expect(await readKinds({ [TCP]: text }, flow('10.0.0.1:50000', '10.0.0.2:6379'))).toEqual([
        'acknowledged',
      ]);
    },
  );
});

describe('a flow is found by both of its ends', () => {
  const ours = ['10.0.0.1:50000', '10.0.0.2:6379'] as const;

  test.each([
    ['another remote address', '10.0.0.1:50000', '10.0.0.3:6379'],
    ['another remote port', '10.0.0.1:50000', '10.0.0.2:6380'],
    ['another local address', '10.0.0.9:50000', '10.0.0.2:6379'],
    ['another local port', '10.0.0.1:50001', '10.0.0.2:6379'],
    ['the other direction', '10.0.0.2:6379', '10.0.0.1:50000'],
  ])('and not by %s', async (_case, local, remote) => {
    const text = table(row(end(local), end(remote), resending));
    expect(await readKinds({ [TCP]: text }, flow(...ours))).toEqual(['unreadable']);
  });

  test('when one local port is connected to two servers', async () => {
    const other = ['10.0.0.1:50000', '10.0.0.3:6379'] as const;
    const text = table(row(end(ours[0]), end(ours[1])), row(end(other[0]), end(other[1]), resending));
    expect(await readKinds({ [TCP]: text }, flow(...ours), flow(...other))).toEqual([
      'acknowledged',
      'unacknowledged',
    ]);
  });

  test('when its ports have leading zeros in the table', async () => {
    const low = ['10.0.0.1:9', '10.0.0.2:1'] as const;
    const text = table(row(end(low[0]), end(low[1]), resending));
    expect(await readKinds({ [TCP]: text }, flow(...low))).toEqual(['unacknowledged']);
  });

  test.each([
    ['an IPv4 address through an IPv6 socket', '[::ffff:10.0.0.1]:50000', '[::ffff:10.0.0.2]:6379'],
    [
      'an IPv4 address through an IPv6 socket, in capitals',
      '[::FFFF:10.0.0.1]:50000',
      '[::FFFF:10.0.0.2]:6379',
    ],
    ['a link-local address with its zone', '[fe80::1%eth0]:50000', '[fe80::2%eth0]:6379'],
    ['a link-local address with a numbered zone', '[fe80::42:acff:fe11:2%3]:50000', '[fe80::2]:6379'],
    ['a loopback address', '[::1]:50000', '[::1]:6379'],
    ['a compressed middle', '[2001:db8::1:0:0:1]:50000', '[2001:db8:1::1]:6379'],
  ])('in IPv6: %s', async (_case, local, remote) => {
    const bare = (text: string) => end(text.replace(/%\w+/, ''));
    const text = table(row(bare(local), bare(remote), resending));
    expect(await readKinds({ [TCP6]: text }, flow(local, remote))).toEqual(['unacknowledged']);
  });
});

describe('a receive window that the peer has closed', () => {
  const probing = (unanswered: number, queued = 14) =>
    readKinds(
      { [TCP]: table(row(end(V4[0]), end(V4[1]), { queued, timer: '04:00000069', unanswered })) },
      flow(...V4),
    );

  test('is probed, and the peer answers', async () => {
    expect(await probing(0)).toEqual(['acknowledged']);
    expect(await probing(1)).toEqual(['acknowledged']);
  });

  test('is probed in vain: the peer is gone, or this machine itself drops what is sent', async () => {
    expect(await probing(2)).toEqual(['unacknowledged']);
    expect(await probing(6)).toEqual(['unacknowledged']);
    expect(await probing(6, 0)).toEqual(['acknowledged']);
  });
});

const V4 = ['10.0.0.1:50000', '10.0.0.2:6379'] as const;

const anyPort = fc.integer({ min: 1, max: 65_535 });

test('any IPv4 flow is found in the kernel’s notation, and no other flow', async () => {
  const anyEnd = fc.tuple(fc.ipV4(), anyPort).map(([address, port]) => `${address}:${port}`);
  await fc.assert(
    fc.asyncProperty(anyEnd, anyEnd, anyEnd, async (local, remote, other) => {
      fc.pre(other !== remote);
      const text = table(row(end(local), end(other)), row(end(local), end(remote), resending));
      expect(await readKinds({ [TCP]: text }, flow(local, remote))).toEqual(['unacknowledged']);
    }),
  );
});

test('any IPv6 flow is found in the kernel’s notation, however many of its groups are zero', async () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  const anyAddress = fc
    .tuple(fc.integer({ min: 1, max: 0xffff }), fc.array(group, { minLength: 7, maxLength: 7 }))
    .map(([first, rest]) => [first, ...rest].map((one) => one.toString(16)).join(':'));
  const anyEnd = fc.tuple(anyAddress, anyPort).map(([address, port]) => `[${address}]:${port}`);
  /** Compresses an address as sockets show it. The rules for URLs are the same. */
  const compressed = (text: string) => text.replace(/\[.*\]/, (host) => new URL(`http://${host}/`).hostname);
  await fc.assert(
    fc.asyncProperty(anyEnd, anyEnd, async (local, remote) => {
      const text = table(row(end(local), end(remote), resending));
      expect(await readKinds({ [TCP6]: text }, flow(compressed(local), compressed(remote)))).toEqual([
        'unacknowledged',
      ]);
    }),
  );
});
