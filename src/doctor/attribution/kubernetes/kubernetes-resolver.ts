import type { Attribution, Resolver } from '../attribution.js';
import { normalizeIp } from '../ip-address.js';
import type { Pod } from './pod.js';

/**
 * Names pods by their addresses.
 *
 * @param serverIps the servers' ends of the connections (`laddr`), where they are known. Many clusters use the same
 *   addresses, so an attribution is `certain` only if one of the servers is a pod or node of this cluster.
 */
export function createKubernetesResolver(pods: readonly Pod[], serverIps: Iterable<string> = []): Resolver {
  const index = createPodIndex(pods);
  const isSameCluster = [...serverIps].some((ip) => index.find(ip) !== undefined);
  return {
    source: 'pod',
    attribute({ ip }) {
      const occupant = index.find(ip);
      if (!occupant) return undefined;
      if (occupant.kind === 'pod') {
        return attributionOfPod(occupant.pod, isSameCluster ? 'certain' : 'likely');
      }
      return { owner: ip, source: 'pod', confidence: 'ambiguous', note: describeAmbiguity(occupant) };
    },
  };
}

function attributionOfPod(pod: Pod, confidence: Attribution['confidence']): Attribution {
  const { name, workload, node } = pod;
  const notes = [workload && `${workload.kind} ${workload.name}`, node && `on ${node}`].filter(Boolean);
  return {
    owner: qualifiedNameOf(pod),
    source: 'pod',
    confidence,
    host: name,
    ...(workload && { service: workload.name }),
    ...(notes.length > 0 && { note: notes.join(' ') }),
  };
}

function describeAmbiguity({ why, node, candidates }: AmbiguousOccupant): string {
  const names = candidates.map(qualifiedNameOf);
  if (why === 'taken-twice') return `used by ${names.join(' and ')}`;
  const also = names.length > 0 ? `, pods in its network (${names.join(', ')})` : '';
  return `address of node ${node ?? 'unknown'}: its processes${also}, or clients masqueraded behind it`;
}

function qualifiedNameOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}

/** The holder of an address, as far as the cluster can tell. */
type PodOccupant = { readonly kind: 'pod'; readonly pod: Pod } | AmbiguousOccupant;

interface AmbiguousOccupant {
  readonly kind: 'ambiguous';
  /**
   * - `node`: address of a node, used by its processes, by pods in its network, and by clients masqueraded behind it.
   * - `taken-twice`: several pods have the address.
   */
  readonly why: 'node' | 'taken-twice';
  readonly node: string | undefined;
  /** Pods that may hold the address. */
  readonly candidates: readonly Pod[];
}

/** Finds the holder of an address. */
interface PodIndex {
  find(ip: string): PodOccupant | undefined;
}

/** Indexes pods by their addresses. A pod that has ended no longer has an address. */
function createPodIndex(pods: readonly Pod[]): PodIndex {
  const live = pods.filter(({ hasEnded }) => !hasEnded);
  const podsByIp = groupByAddress(
    live.filter(({ isOnNodeNetwork }) => !isOnNodeNetwork),
    ({ addresses }) => addresses,
  );
  const podsByNodeIp = groupByAddress(pods, nodeAddressesOf);
  return {
    find(ip) {
      const address = normalizeIp(ip) ?? ip;
      const holders = podsByIp.get(address) ?? [];
      const podsOfNode = podsByNodeIp.get(address);
      if (podsOfNode) return occupantOfNode(podsOfNode, holders);
      const [pod] = holders;
      if (!pod) return undefined;
      if (holders.length > 1)
        return { kind: 'ambiguous', why: 'taken-twice', node: undefined, candidates: holders };
      return { kind: 'pod', pod };
    },
  };
}

/** The addresses of a pod's node. For a node with two addresses, `hostIP` has one; a pod in the node's network has both. */
function nodeAddressesOf({ nodeAddresses, addresses, isOnNodeNetwork }: Pod): readonly string[] {
  return isOnNodeNetwork ? [...new Set([...nodeAddresses, ...addresses])] : nodeAddresses;
}

function occupantOfNode(podsOfNode: readonly Pod[], holders: readonly Pod[]): AmbiguousOccupant {
  const onNodeNetwork = podsOfNode.filter(({ isOnNodeNetwork, hasEnded }) => isOnNodeNetwork && !hasEnded);
  const node = podsOfNode.find((pod) => pod.node !== undefined)?.node;
  return { kind: 'ambiguous', why: 'node', node, candidates: [...holders, ...onNodeNetwork] };
}

function groupByAddress(
  pods: readonly Pod[],
  addressesOf: (pod: Pod) => readonly string[],
): ReadonlyMap<string, readonly Pod[]> {
  const podsByIp = new Map<string, Pod[]>();
  for (const pod of pods) {
    for (const ip of addressesOf(pod)) podsByIp.set(ip, [...(podsByIp.get(ip) ?? []), pod]);
  }
  return podsByIp;
}
