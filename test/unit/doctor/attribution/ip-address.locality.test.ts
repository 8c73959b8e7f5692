import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { localityOf, nowhere, ownAddresses } from '../../../../src/doctor/attribution/ip-address.js';

const addresses = new Set(['127.0.0.1', '::1', '10.0.0.5', '2001:db8::5']);
const all = [...addresses, '127.0.0.2', '10.0.0.6'];

function socket(local: string, remote: string, localPort = 50_000, remotePort = 6379) {
  return { localAddress: local, localPort, remoteAddress: remote, remotePort };
}

function localOf(addr: string, laddr: string, ends: Parameters<typeof localityOf>[1]) {
  return all.filter(localityOf({ addr, laddr }, ends, addresses));
}

const loopback = ['127.0.0.1', '::1', '127.0.0.2'];
const outside = ['10.0.0.5', '2001:db8::5'];

describe('of a server on this machine', () => {
  test.each([
    ['127.0.0.1:50000', '127.0.0.1:6379', socket('127.0.0.1', '127.0.0.1')],
    ['[::1]:50000', '[::1]:6379', socket('::1', '::1')],
    ['127.0.0.1:50000', '127.0.0.1:6379', socket('::ffff:127.0.0.1', '::ffff:127.0.0.1')],
    ['10.0.0.5:50000', '10.0.0.5:6379', socket('10.0.0.5', '10.0.0.5')],
    ['10.0.0.5:50000', '', socket('10.0.0.5', '10.0.0.5')],
    ['/run/redis.sock:0', '/run/redis.sock:0', {}],
  ])('both loopback and our addresses are ours: %s', (addr, laddr, ends) => {
    expect(localOf(addr, laddr, ends).toSorted()).toEqual([...loopback, ...outside].toSorted());
  });
});

test('of a server on another machine, loopback is its own', () => {
  const ends = socket('10.0.0.5', '10.0.0.6');
  expect(localOf('10.0.0.5:50000', '10.0.0.6:6379', ends)).toEqual(outside);
});

describe('nothing is ours behind', () => {
  test.each([
    ['a tunnel', '127.0.0.1:41000', '127.0.0.1:6379', socket('127.0.0.1', '127.0.0.1')],
    ['a published port', '172.17.0.1:50000', '172.17.0.2:6379', socket('127.0.0.1', '127.0.0.1')],
    ['address translation', '10.0.0.5:50000', '10.9.9.9:6379', socket('10.0.0.5', '10.0.0.6')],
    ['what is not known', '', '', {}],
  ])('%s', (_what, addr, laddr, ends) => {
    expect(localOf(addr, laddr, ends)).toEqual([]);
  });
});

test('a file is from nowhere', () => {
  expect(all.filter(nowhere)).toEqual([]);
});

test('the addresses of this machine are in the one spelling', () => {
  const own = ownAddresses();
  const count = Object.values(networkInterfaces()).flatMap((some) => some ?? []).length;
  expect(count).toBeGreaterThan(0);
  expect(own.size).toBeGreaterThan(0);
  expect([...own].filter((ip) => ip.includes('%'))).toEqual([]);
});
