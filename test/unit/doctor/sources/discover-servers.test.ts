import { describe, expect, test } from 'vitest';
import {
  type ServerEndpoint,
  labelOf,
  parseServerEndpoint,
} from '../../../../src/doctor/server/server-endpoint.js';
import type { ServerConnection } from '../../../../src/doctor/server/server-connection.js';
import { clusterNodes, watchedBy } from '../../../../src/doctor/sources/discover-servers.js';

const ADDRESS = parseServerEndpoint('rediss://ann:s3cret@10.0.0.1:7000');
const CLUSTER = new Map([['redis_mode', 'cluster']]);

/** A server that has these answers, by the words of the question. */
function answering(answers: Readonly<Record<string, unknown>>): ServerConnection {
  const call: ServerConnection['call'] = (...words) => {
    const question = words.join(' ');
    if (!(question in answers)) return Promise.reject(new Error(`Nobody should ask ${question}.`));
    return Promise.resolve(answers[question]);
  };
  return { address: ADDRESS, call } as Partial<ServerConnection> as ServerConnection;
}

const labels = (addresses: readonly ServerEndpoint[]) => addresses.map(labelOf);
const nodes = (...lines: string[]) =>
  clusterNodes(answering({ 'CLUSTER NODES': `${lines.join('\n')}\n` }), CLUSTER);
const line = (endpoint: string, flags: string) => `07c3 ${endpoint} ${flags} - 0 1426238317239 4 connected`;

describe('the nodes of a Cluster', () => {
  test.each([
    ['a master', line('10.0.0.2:7000@17000', 'master'), ['10.0.0.2:7000']],
    ['a replica', line('10.0.0.2:7000@17000', 'slave'), ['10.0.0.2:7000']],
    ['before Redis 4', line('10.0.0.2:7000', 'master'), ['10.0.0.2:7000']],
    ['with a hostname', line('10.0.0.2:7000@17000,redis-2', 'master'), ['10.0.0.2:7000']],
    ['with a hostname alone', line(':7000@17000,redis-2', 'master'), ['redis-2:7000']],
    ['with more', line('10.0.0.2:7000@17000,,shard-id=1', 'master'), ['10.0.0.2:7000']],
    ['of IPv6', line('fe80::2:7000@17000', 'master'), ['[fe80::2]:7000']],
    ['itself', line('10.0.0.1:7000@17000', 'myself,master'), []],
    ['that failed', line('10.0.0.2:7000@17000', 'master,fail'), []],
    ['that is thought to fail', line('10.0.0.2:7000@17000', 'master,fail?'), []],
    ['that does not fail over', line('10.0.0.2:7000@17000', 'slave,nofailover'), ['10.0.0.2:7000']],
    ['without an address', line(':0@0', 'slave,fail,noaddr'), []],
    ['that is just met', line('10.0.0.2:7000@17000', 'handshake'), []],
    ['that has "myself" in its name', line(':7000@17000,myself.local', 'master'), ['myself.local:7000']],
    ['that is no line', 'nonsense', []],
  ])('one %s', async (_, text, expected) => {
    expect(labels(await nodes(text))).toEqual(expected);
  });

  test('are spoken to as the one that told of them', async () => {
    const [node] = await nodes(line('10.0.0.2:7001@17001', 'master'));
    expect(node).toEqual({ ...ADDRESS, place: { host: '10.0.0.2', port: 7001 } });
  });

  test('are not asked for where there is no Cluster', async () => {
    expect(await clusterNodes(answering({}), new Map([['redis_mode', 'standalone']]))).toEqual([]);
    expect(await clusterNodes(answering({}), new Map())).toEqual([]);
  });
});

describe('what a sentinel watches', () => {
  const fields = (given: Readonly<Record<string, string>>) => Object.entries(given).flat();
  const at = (ip: string, port: string) => fields({ name: `${ip}:${port}`, ip, port });
  const answers = {
    'SENTINEL masters': [
      fields({ name: 'shop', ip: '10.0.0.1', port: '6379' }),
      fields({ name: 'mail', ip: 'fe80::9', port: '6380' }),
    ],
    'SENTINEL replicas shop': [at('10.0.0.2', '6379'), at('redis-3', '6379')],
    'SENTINEL sentinels shop': [at('10.0.0.8', '26379')],
    'SENTINEL replicas mail': [],
    'SENTINEL sentinels mail': [at('10.0.0.8', '26379')],
  };
  const data: ServerEndpoint = { place: { host: 'x', port: 1 }, tls: false, password: 'data' };

  test('all masters', async () => {
    const { masters, servers, sentinels } = await watchedBy(answering(answers), data, undefined);
    expect(masters).toEqual(['shop', 'mail']);
    const all = ['10.0.0.1:6379', '[fe80::9]:6380', '10.0.0.2:6379', 'redis-3:6379'];
    expect(labels(servers)).toEqual(all);
    expect(labels(sentinels)).toEqual(['10.0.0.8:26379', '10.0.0.8:26379']);
  });

  test('one of them: nobody is asked for the others', async () => {
    const ofMail = Object.entries(answers).filter(([question]) => !question.endsWith('shop'));
    const sentinel = answering(Object.fromEntries(ofMail));
    const { masters, servers } = await watchedBy(sentinel, data, 'mail');
    expect(masters).toEqual(['mail']);
    expect(labels(servers)).toEqual(['[fe80::9]:6380']);
  });

  test('a master that it does not know', async () => {
    const nothing = { masters: [], servers: [], sentinels: [] };
    expect(await watchedBy(answering(answers), data, 'other')).toEqual(nothing);
  });

  test('servers are spoken to as it is said for data, sentinels as this one', async () => {
    const { servers, sentinels } = await watchedBy(answering(answers), data, 'shop');
    for (const server of servers) expect(server).toMatchObject({ tls: false, password: 'data' });
    for (const sentinel of sentinels) expect(sentinel).toMatchObject({ tls: true, password: 's3cret' });
  });

  test.each([
    [{ name: 'shop', port: '6379' }, 'ip "", port "6379"'],
    [{ name: 'shop', ip: '10.0.0.1' }, 'ip "10.0.0.1", port ""'],
    [{ name: 'shop', ip: '10.0.0.1', port: '70000' }, 'port "70000"'],
  ])('an answer without an address is told: %j', async (master, words) => {
    const sentinel = answering({ ...answers, 'SENTINEL masters': [fields(master)] });
    await expect(watchedBy(sentinel, data, undefined)).rejects.toMatchObject({
      code: 'HYG_TARGET_REPLY',
      message: expect.stringContaining(words) as string,
    });
  });

  test('an answer that is no list is none', async () => {
    const watched = await watchedBy(answering({ 'SENTINEL masters': 'OK' }), data, undefined);
    expect(watched.masters).toEqual([]);
  });
});
