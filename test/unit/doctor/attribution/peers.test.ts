import { describe, expect, test } from 'vitest';
import { createPeerBook, peerKey, peerOf } from '../../../../src/doctor/attribution/peers.js';
import { peer, row } from '../../../support/unit/doctor/attribution/peers.js';

const here = (ip: string) => ip === '10.0.0.7' || ip === '::1';
const elsewhere = () => false;

const addr = { addr: '10.0.0.7:50000', ip: '10.0.0.7', laddr: '10.0.0.1:6379' };

describe('the peer of a row', () => {
  test('has a port where its address is one of this machine', () => {
    const fields = { ...addr, flags: 'N', name: 'orders', 'lib-name': 'ioredis(orders)' };
    expect(peerOf(row(fields), here)).toEqual(
      peer({ name: 'orders', libName: 'ioredis(orders)', port: 50_000, laddr: '10.0.0.1:6379' }),
    );
    expect(peerOf(row(fields), elsewhere)).toEqual(peer({ name: 'orders', libName: 'ioredis(orders)' }));
  });

  test('has one spelling of its address', () => {
    const fields = { addr: '[0:0:0:0:0:0:0:1]:5', ip: '0:0:0:0:0:0:0:1' };
    expect(peerOf(row(fields), here)).toEqual(peer({ ip: '::1', port: 5 }));
    expect(peerOf(row({ addr: '::ffff:10.0.0.8:5', ip: '::ffff:10.0.0.8' }), here).ip).toBe('10.0.0.8');
  });

  test('of a unix socket is its path', () => {
    const fields = { addr: '/run/redis.sock:0', ip: '/run/redis.sock' };
    expect(peerOf(row(fields), here)).toEqual(peer({ ip: '/run/redis.sock' }));
  });

  test.each([
    ['S', '', 'replica'],
    ['M', '', 'master'],
    ['N', 'sentinel-1f2e3d4c-cmd', 'sentinel'],
    ['P', 'sentinel-1f2e3d4c-pubsub', 'sentinel'],
    ['N', 'sentinel-1f2e3d4c-other', 'client'],
    ['N', 'my-sentinel-1f2e3d4c-cmd', 'client'],
    ['O', '', 'client'],
    ['N', 'orders@web-1#sentinel', 'client'],
  ])('with flags %s and name %j is a %s', (flags, name, link) => {
    expect(peerOf(row({ ...addr, flags, name }), elsewhere).link).toBe(link);
  });

  test('that is a master has the port it listens on, wherever it is', () => {
    expect(peerOf(row({ addr: '10.0.0.9:6380', ip: '10.0.0.9', flags: 'M' }), elsewhere)).toEqual(
      peer({ ip: '10.0.0.9', port: 6380, link: 'master' }),
    );
  });
});

describe('the key of a peer', () => {
  test('is another one for whatever differs', () => {
    const all = [
      peer(),
      peer({ name: 'orders' }),
      peer({ libName: 'orders' }),
      peer({ ip: '10.0.0.8' }),
      peer({ port: 1 }),
      peer({ laddr: '10.0.0.1:6379' }),
      peer({ link: 'replica' }),
    ];
    expect(new Set(all.map(peerKey)).size).toBe(all.length);
    expect(peerKey(peer())).toBe(peerKey({ ...peer() }));
  });
});

describe('a book of peers', () => {
  const fields = (given: Readonly<Record<string, string>>) =>
    row({ addr: '10.0.0.7:1', ip: '10.0.0.7', flags: 'N', ...given });

  test('has each of them once', () => {
    const book = createPeerBook();
    const keys = ['1', '2', '3'].map((port) =>
      book.keyOf(fields({ addr: `10.0.0.7:${port}`, laddr: '10.0.0.1:6379' }), elsewhere),
    );
    expect(new Set(keys).size).toBe(1);
    expect([...book.peers]).toEqual([[keys[0], peer()]]);
  });

  test('tells those apart that differ', () => {
    const book = createPeerBook();
    const all = [
      fields({}),
      fields({ name: 'orders' }),
      fields({ 'lib-name': 'ioredis' }),
      fields({ ip: '10.0.0.8' }),
      fields({ flags: 'S' }),
      fields({ name: 'sentinel-1f2e3d4c-cmd' }),
    ];
    for (const one of [...all, ...all]) {
      expect(book.peers.get(book.keyOf(one, elsewhere))).toEqual(peerOf(one, elsewhere));
    }
    expect(book.peers.size).toBe(all.length);
  });

  test('has one for each port of this machine, though not of another one with the same address', () => {
    const book = createPeerBook();
    const ports = ['1', '2', '3'].map((port) => fields({ addr: `10.0.0.7:${port}` }));
    for (const one of ports) book.keyOf(one, elsewhere);
    expect(book.peers.size).toBe(1);
    const keys = [...ports, ...ports].map((one) => book.keyOf(one, here));
    expect(new Set(keys).size).toBe(3);
    expect(book.peers.size).toBe(4);
    expect(book.peers.get(keys[1] ?? '')).toEqual(peer({ port: 2 }));
  });

  test('has one for the spellings of an address', () => {
    const book = createPeerBook();
    const spellings = ['::2', '0:0:0:0:0:0:0:2'].map((ip) => book.keyOf(fields({ ip }), elsewhere));
    expect(new Set(spellings).size).toBe(1);
  });
});
