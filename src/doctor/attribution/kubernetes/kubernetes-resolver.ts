import type { Attribution, Resolver } from '../attribution.js';
import { normaliseIp } from '../ip-address.js';
import type { Pod } from './pod.js';

/**
 * Names pods by their addresses.
 *
 * @param serverIps the servers' ends of the connections (`laddr`), where they are known. Many clusters use the same
 *   addresses: only where a server is a pod or a node of this one, an attribution is `certain`.
 */
export function kubernetesResolver(pods: readonly Pod[], serverIps: Iterable<string> = []): Resolver {
  const index = podIndex(pods);
  const isSameCluster = [...serverIps].some((ip) => index.find(ip) !== undefined);
  return {
    source: 'pod',
    attribute({ ip }) {
      const occupant = index.find(ip);
      if (!occupant) return undefined;
      if (occupant.kind === 'pod') return attributionOf(occupant.pod, isSameCluster ? 'certain' : 'likely');
      return { owner: ip, source: 'pod', confidence: 'ambiguous', note: noteOn(occupant) };
    },
  };
}

function attributionOf(pod: Pod, confidence: Attribution['confidence']): Attribution {
  const { name, workload, node } = pod;
  const words = [workload && `${workload.kind} ${workload.name}`, node && `on ${node}`].filter(Boolean);
  return {
    owner: nameOf(pod),
    source: 'pod',
    confidence,
    host: name,
    ...(workload && { service: workload.name }),
    ...(words.length > 0 && { note: words.join(' ') }),
  };
}

function noteOn({ why, node, candidates }: Extract<PodOccupant, { kind: 'ambiguous' }>): string {
  const names = candidates.map(nameOf);
  if (why === 'taken-twice') return `taken by ${names.join(' and ')}`;
  const also = names.length > 0 ? `, pods in its network (${names.join(', ')})` : '';
  return `address of node ${node ?? 'unknown'}: its processes${also}, or whatever is masqueraded behind it`;
}

function nameOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}

/** Who has an address, as far as the cluster can tell. */
type PodOccupant =
  | { readonly kind: 'pod'; readonly pod: Pod }
  | {
      readonly kind: 'ambiguous';
      /**
       * `node`: a node's address, for its processes, pods in its network, and whatever is masqueraded behind it.
       * `taken-twice`: pods with the same address.
       */
      readonly why: 'node' | 'taken-twice';
      readonly node: string | undefined;
      /** Those whom it may stand for, as far as that is known. */
      readonly candidates: readonly Pod[];
    };

/** Finds who has an address. */
interface PodIndex {
  find(ip: string): PodOccupant | undefined;
}

/** Orders pods by their addresses. One that has ended has none any more. */
function podIndex(pods: readonly Pod[]): PodIndex {
  const live = pods.filter(({ hasEnded }) => !hasEnded);
  const tenants = byAddress(
    live.filter(({ isOnNodeNetwork }) => !isOnNodeNetwork),
    ({ addresses }) => addresses,
  );
  const nodes = byAddress(pods, nodeAddressesOf);
  return {
    find(ip) {
      const address = normaliseIp(ip) ?? ip;
      const found = tenants.get(address) ?? [];
      const onNode = nodes.get(address);
      if (onNode) return nodeOf(onNode, found);
      const [pod] = found;
      if (!pod) return undefined;
      if (found.length > 1)
        return { kind: 'ambiguous', why: 'taken-twice', node: undefined, candidates: found };
      return { kind: 'pod', pod };
    },
  };
}

/** Of a node with two addresses, `hostIP` tells one; a pod in its network has both. */
function nodeAddressesOf({ nodeAddresses, addresses, isOnNodeNetwork }: Pod): readonly string[] {
  return isOnNodeNetwork ? [...new Set([...nodeAddresses, ...addresses])] : nodeAddresses;
}

function nodeOf(pods: readonly Pod[], found: readonly Pod[]): PodOccupant {
  const lodgers = pods.filter(({ isOnNodeNetwork, hasEnded }) => isOnNodeNetwork && !hasEnded);
  const node = pods.find((pod) => pod.node !== undefined)?.node;
  return { kind: 'ambiguous', why: 'node', node, candidates: [...found, ...lodgers] };
}

function byAddress(
  pods: readonly Pod[],
  addressesOf: (pod: Pod) => readonly string[],
): ReadonlyMap<string, readonly Pod[]> {
  const found = new Map<string, Pod[]>();
  for (const pod of pods) {
    for (const ip of addressesOf(pod)) found.set(ip, [...(found.get(ip) ?? []), pod]);
  }
  return found;
}
