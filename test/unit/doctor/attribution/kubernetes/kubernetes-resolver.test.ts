import { expect, test } from 'vitest';
import { readPod } from '../../../../../src/doctor/attribution/kubernetes/pod.js';
import { createKubernetesResolver } from '../../../../../src/doctor/attribution/kubernetes/kubernetes-resolver.js';
import { peer } from '../../../../support/unit/doctor/attribution/peers.js';
import { items, podJson } from '../../../../support/unit/doctor/attribution/kubernetes/cluster.js';

const pods = items.map(readPod);
const REDIS = '10.244.1.2';
const attribution = (ip: string, servers: readonly string[] = [REDIS], known = pods) =>
  createKubernetesResolver(known, servers).attribute(peer({ ip }));

test('a pod gives its name, its workload and its node', () => {
  expect(createKubernetesResolver(pods).source).toBe('pod');
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
  '%s belongs to the running pod, not to the one that has ended',
  (ip) => {
    expect(attribution(ip)).toMatchObject({ owner: 'shop/orders-7c9d5f4b8c-x2xqz', confidence: 'certain' });
  },
);

test('a pod that has ended has no address', () => {
  expect(attribution('10.244.1.6')).toBeUndefined();
});

test('an attribution is only likely if the server may be in another cluster', () => {
  expect(attribution('10.244.2.5', [])).toMatchObject({ confidence: 'likely' });
  expect(attribution('10.244.2.5', ['10.0.0.9'])).toMatchObject({ confidence: 'likely' });
  expect(attribution('10.244.2.5', ['10.0.0.9', '192.168.1.12'])).toMatchObject({ confidence: 'certain' });
});

test('the address of a node is ambiguous, and the note lists the pods in its network', () => {
  expect(attribution('192.168.1.11')).toEqual({
    owner: '192.168.1.11',
    source: 'pod',
    confidence: 'ambiguous',
    note: 'address of node node-1: its processes, pods in its network (monitoring/agent-n1, kube-system/etcd-node-1), or clients masqueraded behind it',
  });
  expect(attribution('192.168.1.12')).toMatchObject({
    confidence: 'ambiguous',
    note: 'address of node node-2: its processes, or clients masqueraded behind it',
  });
});

test('a pod in the network of its node is ambiguous, even if the address of the node is unknown', () => {
  const onNodeNetwork = {
    ...podJson('on-node-network', { ips: ['192.168.1.11'], hostNetwork: true, nodeIp: '' }),
  };
  expect(attribution('192.168.1.11', [], [readPod(onNodeNetwork)])).toMatchObject({
    confidence: 'ambiguous',
  });
});

test('an address of two pods is ambiguous', () => {
  const twice = ['one', 'two'].map((name) => readPod(podJson(name, { ips: ['10.1.1.1'] })));
  expect(attribution('10.1.1.1', [], twice)).toEqual({
    owner: '10.1.1.1',
    source: 'pod',
    confidence: 'ambiguous',
    note: 'used by shop/one and shop/two',
  });
});

test('a pod created by hand has no service', () => {
  const pod = readPod(podJson('shell', { ips: ['10.1.1.1'] }));
  expect(attribution('10.1.1.1', [], [pod])).toEqual({
    owner: 'shop/shell',
    source: 'pod',
    confidence: 'likely',
    host: 'shell',
    note: 'on node-1',
  });
});

test.each(['10.9.9.9', '', '/var/run/redis.sock', 'constructor'])('%j has no attribution', (ip) => {
  expect(attribution(ip)).toBeUndefined();
});
