import { expect, test } from 'vitest';
import { readPod } from '../../../../../src/doctor/attribution/kubernetes/pod.js';
import { kubernetesResolver } from '../../../../../src/doctor/attribution/kubernetes/kubernetes-resolver.js';
import { peer } from '../../../../support/unit/doctor/attribution/peers.js';
import { items, podJson } from '../../../../support/unit/doctor/attribution/kubernetes/cluster.js';

const pods = items.map(readPod);
const REDIS = '10.244.1.2';
const attribution = (ip: string, servers: readonly string[] = [REDIS], known = pods) =>
  kubernetesResolver(known, servers).attribute(peer({ ip }));

test('a pod is named, with its workload and its node', () => {
  expect(kubernetesResolver(pods).source).toBe('pod');
  expect(attribution('10.244.2.5')).toEqual({
    owner: 'shop/orders-7c9d5f4b8c-b8b2k',
    source: 'pod',
    confidence: 'certain',
    service: 'orders',
    host: 'orders-7c9d5f4b8c-b8b2k',
    note: 'Deployment orders on node-2',
  });
});

test.each(['10.244.1.5', 'fd00:10:244:1::5', 'FD00:10:244:1:0:0:0:5', '::ffff:10.244.1.5'])(
  '%s is of the pod that runs, not of the one that has ended',
  (ip) => {
    expect(attribution(ip)).toMatchObject({ owner: 'shop/orders-7c9d5f4b8c-x2xqz', confidence: 'certain' });
  },
);

test('a pod that has ended has no address', () => {
  expect(attribution('10.244.1.6')).toBeUndefined();
});

test('a pod is likely only, where the server is not known to be in the same cluster', () => {
  expect(attribution('10.244.2.5', [])).toMatchObject({ confidence: 'likely' });
  expect(attribution('10.244.2.5', ['10.0.0.9'])).toMatchObject({ confidence: 'likely' });
  expect(attribution('10.244.2.5', ['10.0.0.9', '192.168.1.12'])).toMatchObject({ confidence: 'certain' });
});

test('a node is nobody: its processes, pods in its network, all that it masquerades', () => {
  expect(attribution('192.168.1.11')).toEqual({
    owner: '192.168.1.11',
    source: 'pod',
    confidence: 'ambiguous',
    note: 'address of node node-1: its processes, pods in its network (monitoring/agent-n1, kube-system/etcd-node-1), or whatever is masqueraded behind it',
  });
  expect(attribution('192.168.1.12')).toMatchObject({
    confidence: 'ambiguous',
    note: 'address of node node-2: its processes, or whatever is masqueraded behind it',
  });
});

test('a pod in the network of its node is not named, even where the node’s address is not told', () => {
  const lodger = { ...podJson('lodger', { ips: ['192.168.1.11'], hostNetwork: true, nodeIp: '' }) };
  expect(attribution('192.168.1.11', [], [readPod(lodger)])).toMatchObject({ confidence: 'ambiguous' });
});

test('an address that two pods have is nobody', () => {
  const twice = ['one', 'two'].map((name) => readPod(podJson(name, { ips: ['10.1.1.1'] })));
  expect(attribution('10.1.1.1', [], twice)).toEqual({
    owner: '10.1.1.1',
    source: 'pod',
    confidence: 'ambiguous',
    note: 'taken by shop/one and shop/two',
  });
});

test('a pod made by hand has no service', () => {
  const pod = readPod(podJson('shell', { ips: ['10.1.1.1'] }));
  expect(attribution('10.1.1.1', [], [pod])).toEqual({
    owner: 'shop/shell',
    source: 'pod',
    confidence: 'likely',
    host: 'shell',
    note: 'on node-1',
  });
});

test.each(['10.9.9.9', '', '/var/run/redis.sock', 'constructor'])('of %j nothing is said', (ip) => {
  expect(attribution(ip)).toBeUndefined();
});
