import type { Claim, Resolver } from '../claim.js';
import type { Pod } from './pod.js';
import { podIndex, type Occupant } from './pod-index.js';

/**
 * Names pods by their addresses.
 *
 * @param serverIps the servers' ends of the connections (`laddr`), where they are known. Many clusters use the same
 *   addresses: only where a server is a pod or a node of this one, a claim is `certain`.
 */
export function kubernetesResolver(pods: readonly Pod[], serverIps: Iterable<string> = []): Resolver {
  const index = podIndex(pods);
  const isSameCluster = [...serverIps].some((ip) => index.find(ip) !== undefined);
  return {
    source: 'pod',
    claim({ ip }) {
      const occupant = index.find(ip);
      if (!occupant) return undefined;
      if (occupant.kind === 'pod') return claimOf(occupant.pod, isSameCluster ? 'certain' : 'likely');
      return { owner: ip, source: 'pod', confidence: 'ambiguous', note: noteOn(occupant) };
    },
  };
}

function claimOf(pod: Pod, confidence: Claim['confidence']): Claim {
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

function noteOn({ why, node, candidates }: Extract<Occupant, { kind: 'ambiguous' }>): string {
  const names = candidates.map(nameOf);
  if (why === 'taken-twice') return `taken by ${names.join(' and ')}`;
  const also = names.length > 0 ? `, pods in its network (${names.join(', ')})` : '';
  return `address of node ${node ?? 'unknown'}: its processes${also}, or whatever is masqueraded behind it`;
}

function nameOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}
