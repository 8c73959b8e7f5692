import { describe, expect, test } from 'vitest';
import {
  chooseReplica,
  likelyReplicas,
  readEpoch,
  readMasterAddress,
  readReplicas,
  readOtherSentinels,
} from '../../../src/sentinel/sentinel-replies.js';

const flat = (fields: Record<string, string>) => Object.entries(fields).flat();
/** The reply as RESP2 and as RESP3 give it. */
const replyForms = [
  ['a list', flat],
  ['an object', (fields: Record<string, string>) => fields],
] as const;
const malformed = [null, undefined, 'OK', 7, [], {}, [null], [[]], [['ip']], [{ ip: '' }]];

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

describe.for(replyForms)('a reply as %s', ([, toReply]) => {
  const reply = (fields: Record<string, string>): unknown => toReply(fields);

  test('about the master has its epoch', () => {
    expect(readEpoch(reply({ name: 'mymaster', 'config-epoch': '12' }))).toBe(12);
    expect(readEpoch(reply({ 'config-epoch': '0' }))).toBe(0);
    expect(readEpoch(reply({ 'config-epoch': 'many' }))).toBeUndefined();
    expect(readEpoch(reply({ name: 'mymaster' }))).toBeUndefined();
  });

  test('about other sentinels has address and id of those that are connected', () => {
    const sentinel = { ip: 'h', port: '1', runid: 'a', flags: 'sentinel' };
    const gone = { ...sentinel, flags: 'sentinel,disconnected' };
    const subjectivelyDown = { ...sentinel, port: '2', flags: 's_down,sentinel' };
    expect(readOtherSentinels([sentinel, gone, subjectivelyDown].map(reply))).toEqual([
      { address: { host: 'h', port: 1 }, id: 'a' },
      { address: { host: 'h', port: 2 }, id: 'a' },
    ]);
    expect(readOtherSentinels([reply({ ip: 'h', port: '1' })])).toEqual([
      { address: { host: 'h', port: 1 }, id: undefined },
    ]);
    expect(
      readOtherSentinels(
        [{ ip: 'h' }, { port: '1' }, { ip: 'h', port: '0' }].map((fields) => reply(fields as never)),
      ),
    ).toEqual([]);
  });

  test('about replicas has those that are up', () => {
    const flags = ['slave', 'slave,disconnected', 's_down,slave', 'slave,o_down', ''];
    const replicas = flags.map((one, index) => reply({ ip: 'h', port: String(index), flags: one }));
    expect(readReplicas(replicas).map(({ port }) => port)).toEqual(['0']);
    expect(readReplicas([reply({ ip: 'h', port: '1' })])).toEqual([]);
  });
});

test.for(malformed)('a malformed reply %o has no epoch, no sentinel and no replica', (reply) => {
  expect(readEpoch(reply)).toBeUndefined();
  expect(readOtherSentinels(reply)).toEqual([]);
  expect(readReplicas(reply)).toEqual([]);
});

describe('the replicas that are most likely to serve a client', () => {
  const [good, cut, master] = [
    { ip: 'h', port: '1', flags: 'slave', 'role-reported': 'slave', 'master-link-status': 'ok' },
    { ip: 'h', port: '2', flags: 'slave', 'role-reported': 'slave', 'master-link-status': 'err' },
    { ip: 'h', port: '3', flags: 'slave', 'role-reported': 'master', 'master-link-status': 'err' },
  ];
  const likely = (replicas: readonly object[], ...rejected: string[]) =>
    likelyReplicas(replicas as never, (server) => rejected.includes(server)).map(({ port }) => port);

  test('are those with a master, then those without, then those that have turned a client away', () => {
    expect(likely([master, cut, good])).toEqual(['1']);
    expect(likely([master, cut])).toEqual(['2']);
    expect(likely([master, cut, good], 'h:1')).toEqual(['2']);
    expect(likely([master, cut, good], 'h:1', 'h:2')).toEqual(['3', '2', '1']);
    expect(likely([])).toEqual([]);
  });
});

describe('the choice of a replica', () => {
  const replicas = ['1', '2', '3'].map((port) => ({ ip: 'h', port, flags: 'slave' }));
  const choose = (preferences?: Parameters<typeof chooseReplica>[1], random = 0) =>
    chooseReplica(replicas, preferences, random)?.port;
  const preference = (port: string, prio?: number) => ({
    ip: 'h',
    port,
    ...(prio !== undefined && { prio }),
  });

  test('is random without a preference', () => {
    expect([0, 0.33, 0.34, 0.999].map((random) => choose(undefined, random))).toEqual([1, 1, 2, 3]);
    expect(chooseReplica([], undefined, 0)).toBeUndefined();
  });

  test('takes the available preference with the lowest prio, which defaults to 1', () => {
    expect(choose(preference('2'))).toBe(2);
    expect(choose([preference('3', 2), preference('2', 1)])).toBe(2);
    expect(choose([preference('3', 2), preference('9', 1)])).toBe(3);
    expect(choose([preference('3', 2), preference('2')])).toBe(2);
    expect(choose([preference('3'), preference('2', 0)])).toBe(2);
    expect(choose([preference('3'), preference('2')])).toBe(3);
  });

  test('compares host and port with the preference', () => {
    expect(choose({ ip: 'other', port: '2' })).toBe(1);
    expect(choose([], 0.5)).toBe(2);
  });

  test('does not reorder the caller’s list', () => {
    const preferences = [preference('3', 2), preference('2', 1)];
    choose(preferences);
    expect(preferences.map(({ port }) => port)).toEqual(['3', '2']);
  });

  test('can be made by a function, and is random if that chooses none', () => {
    expect(choose((given) => given.find(({ port }) => port === '3') ?? null)).toBe(3);
    expect(choose(() => null, 0.5)).toBe(2);
    expect(choose(() => ({}) as never, 0.5)).toBe(2);
  });
});
