import { describe, expect, test } from 'vitest';
import { readPod } from '../../../../../src/doctor/attribution/kubernetes/pod.js';
import { podJson } from '../../../../support/unit/doctor/attribution/kubernetes/cluster.js';

const workload = (...[name, given]: Parameters<typeof podJson>) => readPod(podJson(name, given)).workload;

describe('the workload of a pod', () => {
  test.each([
    ['a Deployment', { 'pod-template-hash': '7c9d5f4b8c' }, { kind: 'Deployment', name: 'orders' }],
    ['a Rollout', { 'rollouts-pod-template-hash': '7c9d5f4b8c' }, { kind: 'Rollout', name: 'orders' }],
    ['a ReplicaSet created by hand', {}, { kind: 'ReplicaSet', name: 'orders-7c9d5f4b8c' }],
    [
      'a ReplicaSet with another hash',
      { 'pod-template-hash': 'ffff' },
      { kind: 'ReplicaSet', name: 'orders-7c9d5f4b8c' },
    ],
    [
      'a ReplicaSet with no hash',
      { 'pod-template-hash': '' },
      { kind: 'ReplicaSet', name: 'orders-7c9d5f4b8c' },
    ],
  ])('is %s', (_, labels, expected) => {
    const owner = { kind: 'ReplicaSet', name: 'orders-7c9d5f4b8c' };
    expect(workload('orders-7c9d5f4b8c-x', { owner, labels })).toEqual(expected);
  });

  test.each(['StatefulSet', 'DaemonSet', 'Job', 'Workflow'])('is a %s by its own name', (kind) => {
    const owner = { kind, name: 'orders-1' };
    expect(workload('x', { owner, labels: { 'pod-template-hash': '1' } })).toEqual(owner);
  });

  test('is missing for a pod created by hand, and for a static pod', () => {
    expect(workload('x')).toBeUndefined();
    expect(workload('x', { owner: { kind: 'Node', name: 'node-1' } })).toBeUndefined();
  });

  test('is the controller among several owners', () => {
    const ownerReferences = [
      { kind: 'Thing', name: 'one' },
      { kind: 'StatefulSet', name: 'two', controller: true },
    ];
    expect(readPod({ metadata: { ownerReferences } }).workload).toEqual({ kind: 'StatefulSet', name: 'two' });
  });
});

test('addresses are distinct and canonical', () => {
  const status = {
    podIP: '10.0.0.2',
    podIPs: [{ ip: '10.0.0.2' }, { ip: 'FD00::0002' }, {}, { ip: '' }],
    hostIPs: [{ ip: '1.2.3.4' }],
  };
  expect(readPod({ status })).toMatchObject({
    addresses: ['10.0.0.2', 'fd00::2'],
    nodeAddresses: ['1.2.3.4'],
  });
});

test.each([
  [null],
  ['text'],
  [{}],
  [{ metadata: null, spec: 7, status: [] }],
  [{ metadata: { name: 1, ownerReferences: 'x', labels: [] }, status: { podIP: {}, podIPs: {}, phase: 3 } }],
  [{ metadata: { ownerReferences: [null, { kind: 'Job' }] } }],
])('%j is read as a pod without details', (value) => {
  expect(readPod(value)).toEqual({
    namespace: 'default',
    name: '',
    workload: undefined,
    node: undefined,
    addresses: [],
    nodeAddresses: [],
    isOnNodeNetwork: false,
    hasEnded: false,
  });
});
