import { asList, asObject, asText, type JsonObject } from '../http-json.js';
import { normalizeIp } from '../ip-address.js';

/** A pod, as the API of its cluster reports it. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  /** Workload that runs the pod; `undefined` for a pod that was created by hand. */
  readonly workload: Workload | undefined;
  readonly node: string | undefined;
  /** Canonical addresses of the pod. */
  readonly addresses: readonly string[];
  /** Canonical addresses of its node. */
  readonly nodeAddresses: readonly string[];
  /** Whether the pod uses the network of its node. */
  readonly isOnNodeNetwork: boolean;
  /** Whether its containers have ended for good. Another pod may have its address by now. */
  readonly hasEnded: boolean;
}

/** The controller of a pod: the `Deployment` `orders`, for example. */
interface Workload {
  readonly kind: string;
  readonly name: string;
}

/** Reads the output of `kubectl get pods -o json`: a list or one pod. `undefined` if the output is neither. */
export function readPods(output: string): readonly Pod[] | undefined {
  const json = parseJsonObject(output);
  const kind = asText(json['kind']);
  if (kind === 'Pod') return [readPod(json)];
  const isList = (kind === 'List' || kind === 'PodList') && Array.isArray(json['items']);
  return isList ? readPodItems(json) : undefined;
}

/** The pods of a list. Items of other kinds are ignored. */
export function readPodItems(json: JsonObject): Pod[] {
  const items = asList(json['items']).filter((item) => (asText(asObject(item)['kind']) ?? 'Pod') === 'Pod');
  return items.map(readPod);
}

/** Parses a JSON object; `{}` if the text is something else. */
export function parseJsonObject(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {}; // the caller reports the beginning of the text
  }
}

/** Reads one element of `items`. */
export function readPod(value: unknown): Pod {
  const json = asObject(value);
  const metadata = asObject(json['metadata']);
  const spec = asObject(json['spec']);
  const status = asObject(json['status']);
  const phase = asText(status['phase']);
  return {
    namespace: asText(metadata['namespace']) ?? 'default',
    name: asText(metadata['name']) ?? '',
    workload: workloadOf(metadata),
    node: asText(spec['nodeName']),
    addresses: readAddresses(status, 'podIP', 'podIPs'),
    nodeAddresses: readAddresses(status, 'hostIP', 'hostIPs'),
    isOnNodeNetwork: spec['hostNetwork'] === true,
    hasEnded: phase === 'Succeeded' || phase === 'Failed',
  };
}

/** Reads the field with the first address and the one with all addresses (Kubernetes 1.16 for pods, 1.28 for nodes). */
function readAddresses(status: JsonObject, firstField: string, allField: string): string[] {
  const found = [status[firstField], ...asList(status[allField]).map((entry) => asObject(entry)['ip'])];
  return [...new Set(found.flatMap((ip) => normalizeIp(asText(ip) ?? '') ?? []))];
}

function workloadOf(metadata: JsonObject): Workload | undefined {
  const owners = asList(metadata['ownerReferences']).map(asObject);
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  const [kind, name] = [asText(owner?.['kind']), asText(owner?.['name'])];
  if (kind === undefined || name === undefined) return undefined;
  // A static pod belongs to the node itself.
  if (kind === 'Node') return undefined;
  const parent = kind === 'ReplicaSet' ? parentOfReplicaSet(name, asObject(metadata['labels'])) : undefined;
  return parent ?? { kind, name };
}

/** Labels in which a controller repeats the hash that ends the name of its ReplicaSet. */
const HASH_LABELS = {
  'pod-template-hash': 'Deployment',
  'rollouts-pod-template-hash': 'Rollout', // of Argo
} as const;

/** The controller of a ReplicaSet; `undefined` for one that was created by hand. */
function parentOfReplicaSet(replicaSet: string, labels: JsonObject): Workload | undefined {
  for (const [label, kind] of Object.entries(HASH_LABELS)) {
    const suffix = `-${asText(labels[label]) ?? ''}`;
    if (suffix !== '-' && replicaSet.endsWith(suffix))
      return { kind, name: replicaSet.slice(0, -suffix.length) };
  }
  return undefined;
}
