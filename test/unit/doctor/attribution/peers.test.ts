import { describe, expect, test } from 'vitest';
import { createPeerIndex, peerKey, peerOf } from '../../../../src/doctor/attribution/peers.js';
import { peer, row } from '../../../support/unit/doctor/attribution/peers.js';

const isHere = (ip: string) => ip === '10.0.0.7' || ip === '::1';
const isNowhere = () => false;

const addr = { addr: '10.0.0.7:50000', ip: '10.0.0.7', laddr: '10.0.0.1:6379' };

describe('the peer of a row', () => {
  test('has a port if its address belongs to this machine', () => {
    const fields = { ...addr, flags: 'N', name: 'orders', 'lib-name': 'ioredis(orders)' };
    expect(peerOf(row(fields), isHere)).toEqual(
      peer({ name: 'orders', libName: 'ioredis(orders)', port: 50_000, laddr: '10.0.0.1:6379' }),
    );
    expect(peerOf(row(fields), isNowhere)).toEqual(peer({ name: 'orders', libName: 'ioredis(orders)' }));
  });

  test('has the canonical spelling of its address', () => {
    const fields = { addr: '[0:0:0:0:0:0:0:1]:5', ip: '0:0:0:0:0:0:0:1' };
    expect(peerOf(row(fields), isHere)).toEqual(peer({ ip: '::1', port: 5 }));
    expect(peerOf(row({ addr: '::ffff:10.0.0.8:5', ip: '::ffff:10.0.0.8' }), isHere).ip).toBe('10.0.0.8');
  });

  test('has the path of a unix socket as its address', () => {
    const fields = { addr: '/run/redis.sock:0', ip: '/run/redis.sock' };
    expect(peerOf(row(fields), isHere)).toEqual(peer({ ip: '/run/redis.sock' }));
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
  ])('with flags %s and name %j is of kind %s', (flags, name, link) => {
    expect(peerOf(row({ ...addr, flags, name }), isNowhere).kind).toBe(link);
  });

  test('has the listening port if it is a master on any machine', () => {
    expect(peerOf(row({ addr: '10.0.0.9:6380', ip: '10.0.0.9', flags: 'M' }), isNowhere)).toEqual(
      peer({ ip: '10.0.0.9', port: 6380, kind: 'master' }),
    );
  });
});

describe('the key of a peer', () => {
  test('differs for every field', () => {
    const all = [
      peer(),
      peer({ name: 'orders' }),
      peer({ libName: 'orders' }),
      peer({ ip: '10.0.0.8' }),
      peer({ port: 1 }),
      peer({ laddr: '10.0.0.1:6379' }),
      peer({ kind: 'replica' }),
    ];
    expect(new Set(all.map(peerKey)).size).toBe(all.length);
    expect(peerKey(peer())).toBe(peerKey({ ...peer() }));
  });
});

describe('the index of peers', () => {
  const fields = (given: Readonly<Record<string, string>>) =>
    row({ addr: '10.0.0.7:1', ip: '10.0.0.7', flags: 'N', ...given });

  test('contains each peer once', () => {
    const index = createPeerIndex();
    const keys = ['1', '2', '3'].map((port) =>
      index.add(fields({ addr: `10.0.0.7:${port}`, laddr: '10.0.0.1:6379' }), isNowhere),
    );
    expect(new Set(keys).size).toBe(1);
    expect([...index.finish()]).toEqual([peer()]);
  });

  test('distinguishes peers by every field of the row', () => {
    const index = createPeerIndex();
    const all = [
      fields({}),
      fields({ name: 'orders' }),
      fields({ 'lib-name': 'ioredis' }),
      fields({ ip: '10.0.0.8' }),
      fields({ flags: 'S' }),
      fields({ name: 'sentinel-1f2e3d4c-cmd' }),
    ];
    const numbers = [...all, ...all].map((one) => index.add(one, isNowhere));
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
    expect([...index.finish()]).toEqual(all.map((one) => peerOf(one, isNowhere)));
  });

  test('contains one peer per port for this machine, but not for another machine with the same address', () => {
    const index = createPeerIndex();
    const ports = ['1', '2', '3'].map((port) => fields({ addr: `10.0.0.7:${port}` }));
    expect(ports.map((one) => index.add(one, isNowhere))).toEqual([0, 0, 0]);
    expect([...ports, ...ports].map((one) => index.add(one, isHere))).toEqual([1, 2, 3, 1, 2, 3]);
    const here = [1, 2, 3].map((port) => peer({ port }));
    expect([...index.finish()]).toEqual([peer(), ...here]);
  });

  test('contains one peer for all spellings of an address', () => {
    const index = createPeerIndex();
    const spellings = ['::2', '0:0:0:0:0:0:0:2'].map((ip) => index.add(fields({ ip }), isNowhere));
    expect(new Set(spellings).size).toBe(1);
  });

  test('looks up a bounded number of names, and contains every peer beyond', () => {
    const index = createPeerIndex();
    const names = Array.from({ length: 70_000 }, (_, number) => `worker-${number}`);
    const numbers = names.map((name) => index.add(fields({ name }), isNowhere));
    const again = ['worker-3', 'worker-69999'].map((name) => index.add(fields({ name }), isNowhere));
    const peers = index.finish();
    expect(numbers.map((number) => peers.at(number)?.name)).toEqual(names);
    expect(again).toEqual([3, names.length]);
    expect(peers.at(names.length)).toEqual(peer({ name: 'worker-69999' }));
  });
});
