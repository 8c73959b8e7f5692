import type { Attributed } from '../attribution/attribute.js';
import type { Claim, Peer } from '../attribution/claim.js';
import { createPeerBook } from '../attribution/peer-book.js';
import { claimKey, isClaimKey, rowKey, type ClaimKey, type GroupKey } from './by.js';
import { regroup } from './grouping.js';
import type { Keying } from './survey.js';

/** Asks who holds connections, for all peers at once. */
export type AskWho = (peers: Iterable<Peer>) => Promise<Attributed>;

/** The best claim behind each label; where several people share one, theirs is the first. */
function labelled(claims: ReadonlyMap<string, Claim>, labelOf: (claim: Claim) => string): Map<string, Claim> {
  const byLabel = new Map<string, Claim>();
  for (const claim of claims.values()) {
    const label = labelOf(claim);
    if (!byLabel.has(label)) byLabel.set(label, claim);
  }
  return byLabel;
}

/** Rows are gathered by peer, and peers with the same label (owner, service, …) become one group at the end. */
function byClaim(by: ClaimKey, askWho: AskWho): Keying {
  const book = createPeerBook();
  const labelOf = claimKey(by);
  return {
    by,
    keyOf: (row, { isLocal }) => book.keyOf(row, isLocal),
    async finish(groups) {
      const { claimOf } = await askWho(book.peers.values());
      const claims = new Map([...book.peers].map(([key, peer]) => [key, claimOf(peer)]));
      const label = (key: string) => {
        const claim = claims.get(key);
        return claim ? labelOf(claim) : '';
      };
      return {
        groups: regroup(groups, label),
        claims: by === 'owner' ? labelled(claims, labelOf) : new Map(),
      };
    },
  };
}

/** How rows are gathered by a key. */
export function keyingBy(by: GroupKey, askWho: AskWho): Keying {
  if (isClaimKey(by)) return byClaim(by, askWho);
  return { by, keyOf: rowKey(by), finish: (groups) => Promise.resolve({ groups, claims: new Map() }) };
}
