import { HygieneError } from '../../../core/errors.js';
import { type Json, list, object, text } from '../http-json.js';
import { normaliseIp } from '../ip-address.js';

/** A pod, as the API of its cluster knows it. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  /** What keeps it running; nothing for a pod that was made by hand. */
  readonly workload: Workload | undefined;
  readonly node: string | undefined;
  /** Normalised. */
  readonly addresses: readonly string[];
  readonly nodeAddresses: readonly string[];
  /** Whether it lives in the network of its node. */
  readonly isOnNodeNetwork: boolean;
  /** Whether its containers have ended for good: its address is another pod's by now, perhaps. */
  readonly hasEnded: boolean;
}

/** What made a pod: `Deployment` `orders`, say. */
interface Workload {
  readonly kind: string;
  readonly name: string;
}

/** Controllers put this into the label of a pod, and at the end of the name of its ReplicaSet. */
const HASH_LABELS = {
  'pod-template-hash': 'Deployment',
  'rollouts-pod-template-hash': 'Rollout', // of Argo
} as const;

/** Reads one element of `items`. */
export function readPod(value: unknown): Pod {
  const json = object(value);
  const [metadata, spec, status] = [object(json['metadata']), object(json['spec']), object(json['status'])];
  const phase = text(status['phase']);
  return {
    namespace: text(metadata['namespace']) ?? 'default',
    name: text(metadata['name']) ?? '',
    workload: workloadOf(metadata),
    node: text(spec['nodeName']),
    addresses: addressesIn(status, 'podIP', 'podIPs'),
    nodeAddresses: addressesIn(status, 'hostIP', 'hostIPs'),
    isOnNodeNetwork: spec['hostNetwork'] === true,
    hasEnded: phase === 'Succeeded' || phase === 'Failed',
  };
}

/** The first address alone, and since Kubernetes 1.16 (pods) and 1.28 (nodes) all of them. */
function addressesIn(status: Json, one: string, all: string): string[] {
  const found = [status[one], ...list(status[all]).map((entry) => object(entry)['ip'])];
  return [...new Set(found.flatMap((ip) => normaliseIp(text(ip) ?? '') ?? []))];
}

function workloadOf(metadata: Json): Workload | undefined {
  const owners = list(metadata['ownerReferences']).map(object);
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  const [kind, name] = [text(owner?.['kind']), text(owner?.['name'])];
  if (kind === undefined || name === undefined) return undefined;
  // A static pod is the node's own.
  if (kind === 'Node') return undefined;
  return (kind === 'ReplicaSet' ? maker(name, object(metadata['labels'])) : undefined) ?? { kind, name };
}

/** Who made a ReplicaSet; nothing for one that was made by hand. */
function maker(replicaSet: string, labels: Json): Workload | undefined {
  for (const [label, kind] of Object.entries(HASH_LABELS)) {
    const suffix = `-${text(labels[label]) ?? ''}`;
    if (suffix !== '-' && replicaSet.endsWith(suffix))
      return { kind, name: replicaSet.slice(0, -suffix.length) };
  }
  return undefined;
}

/** A list of pods that could not be had, with what to do. */
export function sourceError(what: string, details: Readonly<Record<string, unknown>> = {}): HygieneError {
  return new HygieneError('HYG_ATTRIBUTION_SOURCE', what, { details: { source: 'kubernetes', ...details } });
}

/** Reads the output of `kubectl get pods -o json`: a list, or one pod. Nothing where it is neither. */
export function readPods(output: string): readonly Pod[] | undefined {
  const json = parse(output);
  const kind = text(json['kind']);
  if (kind === 'Pod') return [readPod(json)];
  const isList = (kind === 'List' || kind === 'PodList') && Array.isArray(json['items']);
  return isList ? podsIn(json) : undefined;
}

/** What is wrong with an output that is no list of pods. */
export function strange(output: string): string {
  const start = output.slice(0, 60).replace(/\s+/g, ' ').trim();
  return `is no list of pods: it begins with "${start}", expected the output of kubectl get pods -A -o json.`;
}

/** The pods of a list, which may hold other things too. */
export function podsIn(json: Json): Pod[] {
  const items = list(json['items']).filter((item) => (text(object(item)['kind']) ?? 'Pod') === 'Pod');
  return items.map(readPod);
}

/** Nothing where it is no JSON object. */
export function parse(output: string): Json {
  try {
    return object(JSON.parse(output));
  } catch {
    return {}; // told with the first words of the text
  }
}
