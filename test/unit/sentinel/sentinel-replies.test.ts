import { describe, expect, test } from 'vitest';
import {
  chooseReplica,
  readEpoch,
  readMasterAddress,
  readReplicas,
  readSentinels,
} from '../../../src/sentinel/sentinel-replies.js';

const flat = (fields: Record<string, string>) => Object.entries(fields).flat();
/** As RESP2 and as RESP3 give it. */
const shapes = [
  ['a list', flat],
  ['an object', (fields: Record<string, string>) => fields],
] as const;
const odd = [null, undefined, 'OK', 7, [], {}, [null], [[]], [['ip']], [{ ip: '' }]];

test.for([
  [['10.0.0.1', '6379'], { host: '10.0.0.1', port: 6379 }],
  [['redis-0.example', 6380], { host: 'redis-0.example', port: 6380 }],
  [null, undefined],
  [[], undefined],
  [[''], undefined],
  ['10.0.0.1', undefined],
  [{ ip: '10.0.0.1' }, undefined],
] as const)('GET-MASTER-ADDR-BY-NAME %o is %o', ([reply, expected]) => {
  expect(readMasterAddress(reply)).toEqual(expected);
});

describe.for(shapes)('descriptions as %s', ([, inShape]) => {
  const shape = (fields: Record<string, string>): unknown => inShape(fields);

  test('of the master have its epoch', () => {
    expect(readEpoch(shape({ name: 'mymaster', 'config-epoch': '12' }))).toBe(12);
    expect(readEpoch(shape({ 'config-epoch': '0' }))).toBe(0);
    expect(readEpoch(shape({ 'config-epoch': 'many' }))).toBeUndefined();
    expect(readEpoch(shape({ name: 'mymaster' }))).toBeUndefined();
  });

  test('of other sentinels have their address and id, but for those that are disconnected', () => {
    const sentinel = { ip: 'h', port: '1', runid: 'a', flags: 'sentinel' };
    const gone = { ...sentinel, flags: 'sentinel,disconnected' };
    const downBySomebody = { ...sentinel, port: '2', flags: 's_down,sentinel' };
    expect(readSentinels([sentinel, gone, downBySomebody].map(shape))).toEqual([
      { address: { host: 'h', port: 1 }, id: 'a' },
      { address: { host: 'h', port: 2 }, id: 'a' },
    ]);
    expect(readSentinels([shape({ ip: 'h', port: '1' })])).toEqual([
      { address: { host: 'h', port: 1 }, id: undefined },
    ]);
    expect(
      readSentinels(
        [{ ip: 'h' }, { port: '1' }, { ip: 'h', port: '0' }].map((fields) => shape(fields as never)),
      ),
    ).toEqual([]);
  });

  test('of replicas are of those that are up', () => {
    const flags = ['slave', 'slave,disconnected', 's_down,slave', 'slave,o_down', ''];
    const replicas = flags.map((one, index) => shape({ ip: 'h', port: String(index), flags: one }));
    expect(readReplicas(replicas).map(({ port }) => port)).toEqual(['0']);
    expect(readReplicas([shape({ ip: 'h', port: '1' })])).toEqual([]);
  });
});

test.for(odd)('an odd reply %o is no epoch, no sentinel and no replica', (reply) => {
  expect(readEpoch(reply)).toBeUndefined();
  expect(readSentinels(reply)).toEqual([]);
  expect(readReplicas(reply)).toEqual([]);
});

describe('the choice of a replica', () => {
  const replicas = ['1', '2', '3'].map((port) => ({ ip: 'h', port, flags: 'slave' }));
  const choose = (wishes?: Parameters<typeof chooseReplica>[1], random = 0) =>
    chooseReplica(replicas, wishes, random)?.port;
  const wish = (port: string, prio?: number) => ({ ip: 'h', port, ...(prio !== undefined && { prio }) });

  test('is by chance where nothing is wished', () => {
    expect([0, 0.33, 0.34, 0.999].map((random) => choose(undefined, random))).toEqual([1, 1, 2, 3]);
    expect(chooseReplica([], undefined, 0)).toBeUndefined();
  });

  test('takes the wish with the lowest number that is up; without one it is 1', () => {
    expect(choose(wish('2'))).toBe(2);
    expect(choose([wish('3', 2), wish('2', 1)])).toBe(2);
    expect(choose([wish('3', 2), wish('9', 1)])).toBe(3);
    expect(choose([wish('3', 2), wish('2')])).toBe(2);
    expect(choose([wish('3'), wish('2', 0)])).toBe(2);
    expect(choose([wish('3'), wish('2')])).toBe(3);
  });

  test('needs host and port to be those of the wish', () => {
    expect(choose({ ip: 'other', port: '2' })).toBe(1);
    expect(choose([], 0.5)).toBe(2);
  });

  test('leaves the order of the caller’s list alone', () => {
    const wishes = [wish('3', 2), wish('2', 1)];
    choose(wishes);
    expect(wishes.map(({ port }) => port)).toEqual(['3', '2']);
  });

  test('may be a function, and is by chance where it gives none', () => {
    expect(choose((given) => given.find(({ port }) => port === '3') ?? null)).toBe(3);
    expect(choose(() => null, 0.5)).toBe(2);
    expect(choose(() => ({}) as never, 0.5)).toBe(2);
  });
});
