import { addressClaim } from './address.js';
import { claimSources, type Claim, type Peer, type Resolver } from './claim.js';
import { completed, printable } from './finish.js';
import { peerKey } from './peer.js';
import { compareClaims } from './rank.js';

/** Who holds which connection. */
export interface Attributed {
  /** The best claim on a peer; a service, host or role that it does not know is the next one's that does. */
  readonly claimOf: (peer: Peer) => Claim;
  /** The other claims on it, the best first. */
  readonly alternativesOf: (peer: Peer) => readonly Claim[];
  /** What went wrong on the way, each once. */
  readonly warnings: readonly string[];
}

/** Finds out who holds connections. */
export interface Attribution {
  /** Asks all resolvers about each of the peers, once. Never rejects: a resolver that fails becomes a warning. */
  readonly attribute: (peers: Iterable<Peer>) => Promise<Attributed>;
}

/** Keeps the first failure of each resolver. */
function createFailures() {
  const first = new Map<Resolver, string>();
  return {
    add(resolver: Resolver, error: unknown): undefined {
      if (first.has(resolver)) return;
      first.set(resolver, error instanceof Error ? error.message : String(error));
    },
    told: () => [...first].map(([{ source }, why]) => `The source "${source}" failed: ${why}`),
  };
}

type Failures = ReturnType<typeof createFailures>;
type Answer = ReturnType<Resolver['claim']>;

function ask(resolver: Resolver, peer: Peer, failures: Failures): Answer {
  try {
    return resolver.claim(peer);
  } catch (error) {
    return failures.add(resolver, error);
  }
}

/** Reverse DNS is slow, and says nothing that could beat a claim above it: then nobody is asked. */
function isWorthAsking({ source }: Resolver, claims: readonly Claim[]): boolean {
  return source !== 'dns' || !claims.some(({ confidence }) => confidence !== 'ambiguous');
}

/** The claims on one peer. Only an answer that takes time becomes a promise: of 100 000 peers most take none. */
function askAll(
  resolvers: readonly Resolver[],
  peer: Peer,
  failures: Failures,
  pending: Promise<unknown>[],
): Claim[] {
  const claims: Claim[] = [];
  for (const resolver of resolvers) {
    if (!isWorthAsking(resolver, claims)) continue;
    const answer = ask(resolver, peer, failures);
    if (answer instanceof Promise) {
      const keep = (claim: Claim | undefined) => void (claim && claims.push(printable(claim)));
      pending.push(answer.then(keep, (error: unknown) => failures.add(resolver, error)));
    } else if (answer) claims.push(printable(answer));
  }
  return claims;
}

async function gather(
  peers: Iterable<Peer>,
  resolvers: readonly Resolver[],
  failures: Failures,
): Promise<ReadonlyMap<string, Claim[]>> {
  const gathered = new Map<string, Claim[]>();
  const pending: Promise<unknown>[] = [];
  for (const peer of peers) {
    const key = peerKey(peer);
    if (!gathered.has(key)) gathered.set(key, askAll(resolvers, peer, failures, pending));
  }
  await Promise.all(pending);
  for (const claims of gathered.values()) claims.sort(compareClaims);
  return gathered;
}

/** Puts resolvers together. The address itself is always the last resort. */
export function createAttribution(resolvers: readonly Resolver[]): Attribution {
  const inOrder = [...resolvers].sort(
    (one, other) => claimSources.indexOf(one.source) - claimSources.indexOf(other.source),
  );
  return {
    async attribute(peers) {
      const failures = createFailures();
      const gathered = await gather(peers, inOrder, failures);
      const told = resolvers.flatMap((resolver) => resolver.warnings?.() ?? []);
      const claimsOn = (peer: Peer) =>
        [...(gathered.get(peerKey(peer)) ?? []), addressClaim(peer)].sort(compareClaims);
      return {
        claimOf: (peer) => completed(claimsOn(peer)) ?? addressClaim(peer),
        alternativesOf: (peer) => claimsOn(peer).slice(1),
        warnings: [...told, ...failures.told()],
      };
    },
  };
}
