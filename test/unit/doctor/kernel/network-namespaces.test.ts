import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  countReceivingInterfaces,
  parseFibTrie,
  parseForwarded6,
  parseForwarding,
  parseIfInet6,
  readNetworkNamespaces,
} from '../../../../src/doctor/kernel/network-namespaces.js';
import { tcpTable } from '../../../support/unit/doctor/kernel/tcp-rows.js';

const FIB_TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.0.0.0/24 2 0 2
        |-- 10.0.0.5
           /32 host LOCAL
        |-- 10.0.0.255
           /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
Local:
        |-- 10.0.0.5
           /32 host LOCAL
`;
const IF_INET6 = `00000000000000000000000000000001 01 80 10 80       lo
fd000000000000000000000000000002 04 40 00 82     eth0
`;
const snmp = (forwarding: number, forwarded: number) =>
  `Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos\nIp: ${forwarding} 64 259 0 0 ${forwarded} 0\nIcmp: InMsgs\nIcmp: 0\n`;
const dev = (received: Readonly<Record<string, number>>) =>
  [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    ...Object.entries(received).map(
      ([name, packets]) => `  ${name}: 4242 ${packets} 0 0 0 0 0 0 0 0 0 0 0 0 0 0`,
    ),
    '',
  ].join('\n');

test('addresses are those of interfaces, not networks that are local as a whole', () => {
  expect([...new Set(parseFibTrie(FIB_TRIE))]).toEqual(['10.0.0.5', '127.0.0.1']);
  expect(parseIfInet6(IF_INET6)).toEqual(['::1', 'fd00::2']);
  expect([parseFibTrie(''), parseIfInet6('')]).toEqual([[], []]);
});

test('the counters of forwarded packets are read by name', () => {
  expect(parseForwarding(snmp(1, 12))).toEqual({ isForwarding: true, forwarded: 12 });
  expect(parseForwarding(snmp(2, 0))).toEqual({ isForwarding: false, forwarded: 0 });
  expect(parseForwarding('')).toEqual({ isForwarding: true, forwarded: undefined });
  expect(parseForwarded6('Ip6InReceives 3\nIp6OutForwDatagrams             \t7\n')).toBe(7);
  expect(parseForwarded6('')).toBeUndefined();
});

test('interfaces count if they have received packets, loopback excepted', () => {
  expect(countReceivingInterfaces(dev({ lo: 9, eth0: 5, tunl0: 0, veth1: 1 }))).toBe(2);
  expect(countReceivingInterfaces('')).toBe(0);
});

type Files = Readonly<Record<string, string | undefined>>;

/** A folder like /proc with one process in its own network namespace beside the one of this program. */
function proc(own: Files, other: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-proc-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, files, namespace] of [
    ['self', own, 'net:[1]'],
    ['11', own, 'net:[1]'],
    ['22', other, 'net:[2]'],
    ['23', other, 'net:[2]'],
  ] as const) {
    for (const part of ['net', 'ns']) mkdirSync(join(folder, name, part), { recursive: true });
    symlinkSync(namespace, join(folder, name, 'ns/net'));
    for (const [file, text] of Object.entries(files)) {
      if (text !== undefined) writeFileSync(join(folder, name, 'net', file), text);
    }
  }
  mkdirSync(join(folder, '33')); // a process that has ended
  mkdirSync(join(folder, 'sys/net/netfilter'), { recursive: true });
  writeFileSync(join(folder, 'sys/net/netfilter/nf_conntrack_count'), '3\n');
  return folder;
}

const QUIET = {
  nf_conntrack: '',
  tcp: tcpTable('client'),
  fib_trie: FIB_TRIE,
  snmp: snmp(2, 0),
  snmp6: 'Ip6OutForwDatagrams 0\n',
};

describe.skipIf(endianness() === 'BE')('the namespaces of a machine', () => {
  test('are each read once, the own one first', () => {
    const read = readNetworkNamespaces(new Set([6379]), proc(QUIET, { ...QUIET, tcp: tcpTable('closing') }));
    expect(read.map(({ isOwn, sockets }) => [isOwn, sockets.map(({ local }) => local)])).toEqual([
      [true, ['127.0.0.1 50000']],
      [false, ['127.0.0.1 50002']],
    ]);
    expect([...(read[0]?.addresses ?? [])]).toEqual(['10.0.0.5', '127.0.0.1']);
  });

  test('are none where the kernel shows no connections', () => {
    expect(readNetworkNamespaces(new Set([6379]), '/nonexistent')).toEqual([]);
  });
});

describe('a namespace may translate addresses', () => {
  const mayTranslate = (files: Files) =>
    readNetworkNamespaces(new Set([6379]), proc({ ...QUIET, ...files }, QUIET))[0]?.mayTranslate;

  test.each([
    ['not if it has forwarded nothing', {}, { ipv4: false, ipv6: false }],
    ['if it has forwarded packets', { snmp: snmp(2, 1) }, { ipv4: true, ipv6: false }],
    [
      'if it has forwarded packets of IPv6',
      { snmp6: 'Ip6OutForwDatagrams 1\n' },
      { ipv4: false, ipv6: true },
    ],
    ['if that is not known', { snmp: '' }, { ipv4: true, ipv6: false }],
    [
      'if its connections are tracked and the table cannot be read',
      { nf_conntrack: undefined },
      { ipv4: true, ipv6: true },
    ],
    [
      'if it may forward packets between interfaces',
      { snmp: snmp(1, 0), dev: dev({ eth0: 5, eth1: 5 }) },
      { ipv4: true, ipv6: true },
    ],
    [
      'not if there is only one interface to forward to',
      { snmp: snmp(1, 0), dev: dev({ lo: 5, eth0: 5, tunl0: 0 }) },
      { ipv4: false, ipv6: false },
    ],
    [
      'not if forwarding is off, whatever the number of interfaces',
      { dev: dev({ eth0: 5, eth1: 5 }) },
      { ipv4: false, ipv6: false },
    ],
  ])('%s', (_, files, expected) => {
    expect(mayTranslate(files)).toEqual(expected);
  });
});
