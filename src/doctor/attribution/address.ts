import type { Claim, Peer } from './claim.js';
import { isLoopback, isUnixSocket, normaliseIp } from './ip.js';

function ambiguous(owner: string, note: string): Claim {
  return { owner, source: 'address', confidence: 'ambiguous', note };
}

/** What the address alone says: the last resort, and always there. */
export function addressClaim({ ip }: Peer): Claim {
  if (isUnixSocket(ip)) return ambiguous(ip, 'a unix socket does not tell who opened it');
  if (isLoopback(ip)) return ambiguous(ip, 'any process on the machine of the server');
  if (normaliseIp(ip) === undefined) return ambiguous(ip || '?', 'the server does not know its address');
  return { owner: ip, source: 'address', confidence: 'likely' };
}
