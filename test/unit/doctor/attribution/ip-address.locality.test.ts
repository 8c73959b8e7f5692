import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import {
  createIsLocal,
  nothingIsLocal,
  machineAddresses,
} from '../../../../src/doctor/attribution/ip-address.js';

const addresses = new Set(['127.0.0.1', '::1', '10.0.0.5', '2001:db8::5']);
const all = [...addresses, '127.0.0.2', '10.0.0.6'];

function socket(local: string, remote: string, localPort = 50_000, remotePort = 6379) {
  return { localAddress: local, localPort, remoteAddress: remote, remotePort };
}

function localAddressesOf(addr: string, laddr: string, ends: Parameters<typeof createIsLocal>[1]) {
  return all.filter(createIsLocal({ addr, laddr }, ends, addresses));
}

const loopback = ['127.0.0.1', '::1', '127.0.0.2'];
const outside = ['10.0.0.5', '2001:db8::5'];

describe('for a server on this machine', () => {
  test.each([
    ['127.0.0.1:50000', '127.0.0.1:6379', socket('127.0.0.1', '127.0.0.1')],
    ['[::1]:50000', '[::1]:6379', socket('::1', '::1')],
    ['127.0.0.1:50000', '127.0.0.1:6379', socket('::ffff:127.0.0.1', '::ffff:127.0.0.1')],
    ['10.0.0.5:50000', '10.0.0.5:6379', socket('10.0.0.5', '10.0.0.5')],
    ['10.0.0.5:50000', '', socket('10.0.0.5', '10.0.0.5')],
    ['/run/redis.sock:0', '/run/redis.sock:0', {}],
  ])('loopback and all addresses of this machine are local: %s', (addr, laddr, ends) => {
    expect(localAddressesOf(addr, laddr, ends).toSorted()).toEqual([...loopback, ...outside].toSorted());
  });
});

test('for a server on another machine, loopback is not local', () => {
  const ends = socket('10.0.0.5', '10.0.0.6');
  expect(localAddressesOf('10.0.0.5:50000', '10.0.0.6:6379', ends)).toEqual(outside);
});

describe('no address is local', () => {
  test.each([
    ['behind a tunnel', '127.0.0.1:41000', '127.0.0.1:6379', socket('127.0.0.1', '127.0.0.1')],
    ['behind a published port', '172.17.0.1:50000', '172.17.0.2:6379', socket('127.0.0.1', '127.0.0.1')],
    ['behind NAT', '10.0.0.5:50000', '10.9.9.9:6379', socket('10.0.0.5', '10.0.0.6')],
    ['if the own row is unknown', '', '', {}],
  ])('%s', (_what, addr, laddr, ends) => {
    expect(localAddressesOf(addr, laddr, ends)).toEqual([]);
  });
});

test('no address in a file is local', () => {
  expect(all.filter(nothingIsLocal)).toEqual([]);
});

test('the addresses of this machine are canonical', () => {
  const own = machineAddresses();
  const count = Object.values(networkInterfaces()).flatMap((some) => some ?? []).length;
  expect(count).toBeGreaterThan(0);
  expect(own.size).toBeGreaterThan(0);
  expect([...own].filter((ip) => ip.includes('%'))).toEqual([]);
});
