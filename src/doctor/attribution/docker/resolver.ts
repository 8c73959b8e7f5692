import type { Claim, Confidence, Resolver } from '../claim.js';
import type { Container } from './container.js';
import { containerIndex, type Occupant } from './container-index.js';

/**
 * Names containers by their addresses.
 *
 * @param serverIps the servers' ends of the connections (`laddr`), where they are known. An address means the same
 *   container to this engine and to the server only where both are in one network: else a claim is `likely` at best.
 */
export function dockerResolver(containers: readonly Container[], serverIps: Iterable<string> = []): Resolver {
  const index = containerIndex(containers);
  const known = new Set([...serverIps].flatMap((ip) => [...index.networksOf(ip)]));
  return {
    source: 'container',
    claim({ ip }) {
      const occupant = index.find(ip);
      return occupant && claimOn(ip, occupant, known.has(occupant.network) ? 'certain' : 'likely');
    },
  };
}

function claimOn(ip: string, occupant: Occupant, confidence: Confidence): Claim {
  if (occupant.kind === 'container') return claimOf(occupant.container, confidence);
  const { why, network, candidates } = occupant;
  const names = candidates.map(({ name }) => name);
  if (why === 'shared') {
    return {
      owner: names.join(' + '),
      source: 'container',
      confidence: 'likely',
      note: 'they share one network',
    };
  }
  const note = why === 'gateway' ? gatewayNote(network, names) : `taken by ${names.join(' and ')}`;
  return { owner: ip, source: 'container', confidence: 'ambiguous', note };
}

function claimOf({ name, service, image }: Container, confidence: Confidence): Claim {
  return {
    owner: name,
    source: 'container',
    confidence,
    host: name,
    note: image,
    ...(service !== undefined && { service }),
  };
}

function gatewayNote(network: string, hosted: readonly string[]): string {
  const also = hosted.length > 0 ? `, containers with the machine's network (${hosted.join(', ')})` : '';
  return `gateway of ${network}: processes of the machine${also}, or whoever came through a published port`;
}
