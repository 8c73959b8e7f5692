import { describe, expect, test } from 'vitest';
import {
  type ServerEndpoint,
  endpointLabel,
  parseServerEndpoint,
} from '../../../../src/doctor/server/server-endpoint.js';
import type { Reply } from '../../../../src/doctor/server/reply-decoder.js';
import type { ServerConnection } from '../../../../src/doctor/server/server-connection.js';
import {
  discoverClusterNodes,
  discoverMonitoredServers,
} from '../../../../src/doctor/sources/discover-servers.js';

const ENDPOINT = parseServerEndpoint('rediss://ann:s3cret@10.0.0.1:7000');
const CLUSTER = new Map([['redis_mode', 'cluster']]);

/** A server that gives these replies, by command. */
function fakeServer(replies: Readonly<Record<string, Reply>>): ServerConnection {
  const call: ServerConnection['call'] = (...words) => {
    const command = words.join(' ');
    if (!(command in replies)) return Promise.reject(new Error(`Unexpected command: ${command}`));
    return Promise.resolve(replies[command] ?? null);
  };
  return { endpoint: ENDPOINT, call } as Partial<ServerConnection> as ServerConnection;
}

const labels = (endpoints: readonly ServerEndpoint[]) => endpoints.map(endpointLabel);
const nodes = (...lines: string[]) =>
  discoverClusterNodes(fakeServer({ 'CLUSTER NODES': `${lines.join('\n')}\n` }), CLUSTER);
const line = (endpoint: string, flags: string) => `07c3 ${endpoint} ${flags} - 0 1426238317239 4 connected`;

describe('discoverClusterNodes', () => {
  test.each([
    ['a master', line('10.0.0.2:7000@17000', 'master'), ['10.0.0.2:7000']],
    ['a replica', line('10.0.0.2:7000@17000', 'slave'), ['10.0.0.2:7000']],
    ['a node before Redis 4', line('10.0.0.2:7000', 'master'), ['10.0.0.2:7000']],
    ['a node with a hostname', line('10.0.0.2:7000@17000,redis-2', 'master'), ['10.0.0.2:7000']],
    ['a node with a hostname and no IP address', line(':7000@17000,redis-2', 'master'), ['redis-2:7000']],
    ['a node with auxiliary fields', line('10.0.0.2:7000@17000,,shard-id=1', 'master'), ['10.0.0.2:7000']],
    ['a node with an IPv6 address', line('fe80::2:7000@17000', 'master'), ['[fe80::2]:7000']],
    ['the server itself', line('10.0.0.1:7000@17000', 'myself,master'), []],
    ['a failed node', line('10.0.0.2:7000@17000', 'master,fail'), []],
    ['a node that may have failed', line('10.0.0.2:7000@17000', 'master,fail?'), []],
    ['a node with nofailover', line('10.0.0.2:7000@17000', 'slave,nofailover'), ['10.0.0.2:7000']],
    ['a node without an address', line(':0@0', 'slave,fail,noaddr'), []],
    ['a node in handshake', line('10.0.0.2:7000@17000', 'handshake'), []],
    ['a hostname that contains "myself"', line(':7000@17000,myself.local', 'master'), ['myself.local:7000']],
    ['an unreadable line', 'nonsense', []],
  ])('finds the right nodes for %s', async (_, text, expected) => {
    expect(labels(await nodes(text))).toEqual(expected);
  });

  test('gives nodes the credentials and TLS of the server that listed them', async () => {
    const [node] = await nodes(line('10.0.0.2:7001@17001', 'master'));
    expect(node).toEqual({ ...ENDPOINT, address: { host: '10.0.0.2', port: 7001 } });
  });

  test('sends no command to a server outside of a Cluster', async () => {
    expect(await discoverClusterNodes(fakeServer({}), new Map([['redis_mode', 'standalone']]))).toEqual([]);
    expect(await discoverClusterNodes(fakeServer({}), new Map())).toEqual([]);
  });
});

describe('discoverMonitoredServers', () => {
  const fields = (given: Readonly<Record<string, string>>) => Object.entries(given).flat();
  const at = (ip: string, port: string) => fields({ name: `${ip}:${port}`, ip, port });
  const replies = {
    'SENTINEL masters': [
      fields({ name: 'shop', ip: '10.0.0.1', port: '6379' }),
      fields({ name: 'mail', ip: 'fe80::9', port: '6380' }),
    ],
    'SENTINEL replicas shop': [at('10.0.0.2', '6379'), at('redis-3', '6379')],
    'SENTINEL sentinels shop': [at('10.0.0.8', '26379')],
    'SENTINEL replicas mail': [],
    'SENTINEL sentinels mail': [at('10.0.0.8', '26379')],
  };
  const data: ServerEndpoint = { address: { host: 'x', port: 1 }, tls: false, password: 'data' };

  test('finds the servers of all masters', async () => {
    const { masters, servers, sentinels } = await discoverMonitoredServers(
      fakeServer(replies),
      data,
      undefined,
    );
    expect(masters).toEqual(['shop', 'mail']);
    const all = ['10.0.0.1:6379', '[fe80::9]:6380', '10.0.0.2:6379', 'redis-3:6379'];
    expect(labels(servers)).toEqual(all);
    expect(labels(sentinels)).toEqual(['10.0.0.8:26379', '10.0.0.8:26379']);
  });

  test('sends commands only about the chosen master', async () => {
    const ofMail = Object.entries(replies).filter(([command]) => !command.endsWith('shop'));
    const sentinel = fakeServer(Object.fromEntries(ofMail));
    const { masters, servers } = await discoverMonitoredServers(sentinel, data, 'mail');
    expect(masters).toEqual(['mail']);
    expect(labels(servers)).toEqual(['[fe80::9]:6380']);
  });

  test('finds nothing for an unknown master', async () => {
    const nothing = { masters: [], servers: [], sentinels: [] };
    expect(await discoverMonitoredServers(fakeServer(replies), data, 'other')).toEqual(nothing);
  });

  test('gives servers the credentials for data, and sentinels those of this sentinel', async () => {
    const { servers, sentinels } = await discoverMonitoredServers(fakeServer(replies), data, 'shop');
    for (const server of servers) expect(server).toMatchObject({ tls: false, password: 'data' });
    for (const sentinel of sentinels) expect(sentinel).toMatchObject({ tls: true, password: 's3cret' });
  });

  test.each([
    [{ name: 'shop', port: '6379' }, 'ip "", port "6379"'],
    [{ name: 'shop', ip: '10.0.0.1' }, 'ip "10.0.0.1", port ""'],
    [{ name: 'shop', ip: '10.0.0.1', port: '70000' }, 'port "70000"'],
  ])('rejects a reply without a valid address: %j', async (master, message) => {
    const sentinel = fakeServer({ ...replies, 'SENTINEL masters': [fields(master)] });
    await expect(discoverMonitoredServers(sentinel, data, undefined)).rejects.toMatchObject({
      code: 'HYG_TARGET_REPLY',
      message: expect.stringContaining(message) as string,
    });
  });

  test.each<[string, Reply]>([
    ['a text', 'OK'],
    ['nil', null],
    ['a list of numbers', [1, 2]],
    ['a list of lists of odd length', [['name', 'shop', 'ip']]],
    ['a list of lists of lists', [['name', ['shop']]]],
  ])('rejects %s in the place of a list of fields', async (_, reply) => {
    const sentinel = fakeServer({ 'SENTINEL masters': reply });
    await expect(discoverMonitoredServers(sentinel, data, undefined)).rejects.toMatchObject({
      code: 'HYG_TARGET_REPLY',
    });
  });
});
