import { printable as clean } from '../text/safe-text.js';
import { type Claim, type ClaimSource, claimSources, type Peer, type Resolver } from './attribution.js';
import { isLoopback, isUnixSocket, normaliseIp } from './ip-address.js';
import { peerKey } from './peers.js';

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

const ASIDE = ['service', 'host', 'role'] as const;

function isClean({ owner, service = '', host = '', role = '', note = '' }: Claim): boolean {
  return [owner, service, host, role, note].every((text) => clean(text) === text);
}

/** Names come from elsewhere, also from DNS: what would move the cursor of a terminal is not passed on. */
export function printable(claim: Claim): Claim {
  if (isClean(claim)) return claim;
  const cleaned = Object.entries(claim).map(([key, text]) => [key, clean(String(text))]);
  return Object.fromEntries(cleaned) as Claim;
}

/**
 * The best of some claims, the best first, with what it does not know and others do: a process is certain, and the role
 * stands in the name. Of an address that stands for many nothing is added, for it would be true of one of them.
 */
export function completed([best, ...others]: readonly Claim[]): Claim | undefined {
  if (!best || best.confidence === 'ambiguous') return best;
  const known = others.filter(({ confidence }) => confidence !== 'ambiguous');
  const missing = ASIDE.filter((key) => best[key] === undefined);
  const added = missing.flatMap((key) => {
    const text = known.find((claim) => claim[key] !== undefined)?.[key];
    return text === undefined ? [] : [[key, text] as const];
  });
  return added.length === 0 ? best : { ...best, ...Object.fromEntries(added) };
}

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

/** Asks who holds connections, for all peers at once. */
export type AskWho = (peers: Iterable<Peer>) => Promise<Attributed>;
