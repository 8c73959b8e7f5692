import { addressClaim, addressResolver } from './address.js';
import { claimSources, type Claim, type Peer, type Resolver } from './claim.js';
import { peerKey } from './peer.js';
import { compareClaims } from './rank.js';

/** Who holds which connection. */
export interface Attributed {
  /** The best claim on a peer. */
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

/** The claims on peers, by their keys, while they are gathered. */
type Gathered = Map<string, Claim[]>;

/** Gives the first failure of each resolver. */
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

function isPromise(value: unknown): value is Promise<Claim | undefined> {
  return value instanceof Promise;
}

/** Reverse DNS is slow, and says nothing that could beat a claim above it: then nobody is asked. */
function isWorthAsking({ source }: Resolver, claims: readonly Claim[]): boolean {
  return source !== 'dns' || !claims.some(({ confidence }) => confidence !== 'ambiguous');
}

/** Names come from elsewhere, also from DNS: what would move the cursor of a terminal is not passed on. */
const CONTROL = /\p{Cc}/u;

function printable(claim: Claim): Claim {
  const texts = Object.entries(claim);
  if (!texts.some(([, text]) => CONTROL.test(String(text)))) return claim;
  const clean = texts.map(([key, text]) => [key, String(text).replaceAll(/\p{Cc}/gu, '?')]);
  return Object.fromEntries(clean) as Claim;
}

/** Asks one resolver about one peer; only what takes time becomes a promise, of 100 000 peers most take none. */
function ask(
  resolver: Resolver,
  peer: Peer,
  claims: Claim[],
  failures: Failures,
): Promise<unknown> | undefined {
  const keep = (claim: Claim | undefined) => void (claim && claims.push(printable(claim)));
  const fail = (error: unknown) => failures.add(resolver, error);
  try {
    const claim = resolver.claim(peer);
    if (isPromise(claim)) return claim.then(keep, fail);
    keep(claim);
  } catch (error) {
    fail(error);
  }
  return undefined;
}

async function gather(
  peers: Iterable<Peer>,
  resolvers: readonly Resolver[],
  failures: Failures,
): Promise<Gathered> {
  const gathered: Gathered = new Map();
  const pending: Promise<unknown>[] = [];
  for (const peer of peers) {
    const key = peerKey(peer);
    if (gathered.has(key)) continue;
    const claims: Claim[] = [];
    gathered.set(key, claims);
    for (const resolver of resolvers) {
      if (!isWorthAsking(resolver, claims)) continue;
      const later = ask(resolver, peer, claims, failures);
      if (later) pending.push(later);
    }
  }
  await Promise.all(pending);
  return gathered;
}

/** Puts resolvers together. The address itself is always among them, as the last resort. */
export function createAttribution(resolvers: readonly Resolver[]): Attribution {
  // The address comes last: what it says must not keep DNS from being asked.
  const inOrder = [...resolvers].sort(
    (one, other) => claimSources.indexOf(one.source) - claimSources.indexOf(other.source),
  );
  const all = [...inOrder.filter(({ source }) => source !== 'address'), addressResolver];
  return {
    async attribute(peers) {
      const failures = createFailures();
      const gathered = await gather(peers, all, failures);
      for (const claims of gathered.values()) claims.sort(compareClaims);
      const claimsOn = (peer: Peer) => gathered.get(peerKey(peer)) ?? [addressClaim(peer)];
      const told = resolvers.flatMap((resolver) => resolver.warnings?.() ?? []);
      return {
        claimOf: (peer) => claimsOn(peer)[0] ?? addressClaim(peer),
        alternativesOf: (peer) => claimsOn(peer).slice(1),
        warnings: [...told, ...failures.told()],
      };
    },
  };
}
