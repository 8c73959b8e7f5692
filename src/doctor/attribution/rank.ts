import { claimSources, type Claim, type ClaimSource } from './claim.js';

/** Say of an ambiguous address why it is so, which helps more than its number, or the name that DNS has for it. */
const EXPLAINING: ReadonlySet<ClaimSource> = new Set(['pod', 'container', 'process', 'hosts']);

/** Know no more than the address. */
const BARE: ReadonlySet<ClaimSource> = new Set(['dns', 'address']);

/** Certain claims, likely ones, those that explain why nobody can be named, the mere address, and the rest. */
function tierOf({ confidence, source }: Claim): number {
  if (confidence === 'certain') return 0;
  if (confidence === 'likely') return BARE.has(source) ? 3 : 1;
  return EXPLAINING.has(source) ? 2 : 4;
}

/** Orders claims, the best first: by how far they can be trusted, then by how much their source tells. */
export function compareClaims(one: Claim, other: Claim): number {
  return tierOf(one) - tierOf(other) || claimSources.indexOf(one.source) - claimSources.indexOf(other.source);
}
