interface PodOptions {
  readonly namespace?: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly labels?: Readonly<Record<string, string>>;
  readonly node?: string;
  readonly nodeIp?: string;
  readonly ips?: readonly string[];
  readonly phase?: string;
  readonly hostNetwork?: boolean;
}

/** A pod as the API returns it (core/v1 Pod), including fields that are not read. */
export function podJson(name: string, options: PodOptions = {}) {
  const {
    namespace = 'shop',
    owner,
    labels = {},
    node = 'node-1',
    nodeIp = '192.168.1.11',
    ips = [],
  } = options;
  const { phase = 'Running', hostNetwork } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-of-${name}`,
      labels,
      ...(owner && {
        ownerReferences: [
          { apiVersion: 'apps/v1', ...owner, uid: 'x', controller: true, blockOwnerDeletion: true },
        ],
      }),
    },
    spec: {
      nodeName: node,
      containers: [{ name: 'main', image: 'shop:1' }],
      ...(hostNetwork && { hostNetwork }),
    },
    status: {
      phase,
      hostIP: nodeIp,
      ...(ips[0] !== undefined && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    },
  };
}

const HASH = { 'pod-template-hash': '7c9d5f4b8c' };
const orders = { kind: 'ReplicaSet', name: 'orders-7c9d5f4b8c' };

/** Two nodes and their pods. */
export const items = [
  podJson('orders-7c9d5f4b8c-x2xqz', {
    owner: orders,
    labels: HASH,
    ips: ['10.244.1.5', 'fd00:10:244:1::5'],
  }),
  podJson('orders-7c9d5f4b8c-b8b2k', {
    owner: orders,
    labels: HASH,
    node: 'node-2',
    nodeIp: '192.168.1.12',
    ips: ['10.244.2.5'],
  }),
  podJson('redis-0', { owner: { kind: 'StatefulSet', name: 'redis' }, ips: ['10.244.1.2'] }),
  podJson('report-28457640-abcde', {
    owner: { kind: 'Job', name: 'report-28457640' },
    ips: ['10.244.1.5'],
    phase: 'Succeeded',
  }),
  podJson('crashed', { ips: ['10.244.1.6'], phase: 'Failed' }),
  podJson('waits', { phase: 'Pending' }),
  podJson('agent-n1', {
    namespace: 'monitoring',
    owner: { kind: 'DaemonSet', name: 'agent' },
    ips: ['192.168.1.11'],
    hostNetwork: true,
  }),
  podJson('etcd-node-1', {
    namespace: 'kube-system',
    owner: { kind: 'Node', name: 'node-1' },
    ips: ['192.168.1.11'],
    hostNetwork: true,
  }),
];

/** Output of `kubectl get pods -A -o json` (kubectl 1.20). */
export const kubectlOutput = JSON.stringify(
  { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '', selfLink: '' } },
  null,
  4,
);
