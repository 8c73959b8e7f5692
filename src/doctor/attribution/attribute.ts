import { printable as clean } from '../text/safe-text.js';
import {
  type Attribution,
  type AttributionSource,
  attributionSources,
  type Peer,
  type Resolver,
} from './attribution.js';
import { isLoopback, isUnixSocket, normaliseIp } from './ip-address.js';
import { peerKey } from './peers.js';

/** Who holds which connection. */
export interface AttributionResult {
  /** The best attribution on a peer; a service, host or role that it does not know is the next one's that does. */
  readonly attributionOf: (peer: Peer) => Attribution;
  /** The other attributions on it, the best first. */
  readonly alternativesOf: (peer: Peer) => readonly Attribution[];
  /** What went wrong on the way, each once. */
  readonly warnings: readonly string[];
}

/** Finds out who holds connections. */
export interface Attributor {
  /** Asks all resolvers about each of the peers, once. Never rejects: a resolver that fails becomes a warning. */
  readonly attribute: (peers: Iterable<Peer>) => Promise<AttributionResult>;
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
type Answer = ReturnType<Resolver['attribute']>;

function ask(resolver: Resolver, peer: Peer, failures: Failures): Answer {
  try {
    return resolver.attribute(peer);
  } catch (error) {
    return failures.add(resolver, error);
  }
}

/** Reverse DNS is slow, and says nothing that could beat an attribution above it: then nobody is asked. */
function isWorthAsking({ source }: Resolver, attributions: readonly Attribution[]): boolean {
  return source !== 'dns' || !attributions.some(({ confidence }) => confidence !== 'ambiguous');
}

/** The attributions on one peer. Only an answer that takes time becomes a promise: of 100 000 peers most take none. */
function askAll(
  resolvers: readonly Resolver[],
  peer: Peer,
  failures: Failures,
  pending: Promise<unknown>[],
): Attribution[] {
  const attributions: Attribution[] = [];
  for (const resolver of resolvers) {
    if (!isWorthAsking(resolver, attributions)) continue;
    const answer = ask(resolver, peer, failures);
    if (answer instanceof Promise) {
      const keep = (attribution: Attribution | undefined) =>
        void (attribution && attributions.push(printableAttribution(attribution)));
      pending.push(answer.then(keep, (error: unknown) => failures.add(resolver, error)));
    } else if (answer) attributions.push(printableAttribution(answer));
  }
  return attributions;
}

async function gather(
  peers: Iterable<Peer>,
  resolvers: readonly Resolver[],
  failures: Failures,
): Promise<ReadonlyMap<string, Attribution[]>> {
  const gathered = new Map<string, Attribution[]>();
  const pending: Promise<unknown>[] = [];
  for (const peer of peers) {
    const key = peerKey(peer);
    if (!gathered.has(key)) gathered.set(key, askAll(resolvers, peer, failures, pending));
  }
  await Promise.all(pending);
  for (const attributions of gathered.values()) attributions.sort(compareAttributions);
  return gathered;
}

/** Puts resolvers together. The address itself is always the last resort. */
export function createAttributor(resolvers: readonly Resolver[]): Attributor {
  const inOrder = [...resolvers].sort(
    (one, other) => attributionSources.indexOf(one.source) - attributionSources.indexOf(other.source),
  );
  return {
    async attribute(peers) {
      const failures = createFailures();
      const gathered = await gather(peers, inOrder, failures);
      const told = resolvers.flatMap((resolver) => resolver.warnings?.() ?? []);
      const claimsOn = (peer: Peer) =>
        [...(gathered.get(peerKey(peer)) ?? []), addressAttribution(peer)].sort(compareAttributions);
      return {
        attributionOf: (peer) => completed(claimsOn(peer)) ?? addressAttribution(peer),
        alternativesOf: (peer) => claimsOn(peer).slice(1),
        warnings: [...told, ...failures.told()],
      };
    },
  };
}

/** Say of an ambiguous address why it is so, which helps more than its number, or the name that DNS has for it. */
const EXPLAINING: ReadonlySet<AttributionSource> = new Set(['pod', 'container', 'process', 'hosts']);

/** Know no more than the address. */
const BARE: ReadonlySet<AttributionSource> = new Set(['dns', 'address']);

/** Certain attributions, likely ones, those that explain why nobody can be named, the mere address, and the rest. */
function tierOf({ confidence, source }: Attribution): number {
  if (confidence === 'certain') return 0;
  if (confidence === 'likely') return BARE.has(source) ? 3 : 1;
  return EXPLAINING.has(source) ? 2 : 4;
}

/** Orders attributions, the best first: by how far they can be trusted, then by how much their source tells. */
export function compareAttributions(one: Attribution, other: Attribution): number {
  return (
    tierOf(one) - tierOf(other) ||
    attributionSources.indexOf(one.source) - attributionSources.indexOf(other.source)
  );
}

const ASIDE = ['service', 'host', 'role'] as const;

function isClean({ owner, service = '', host = '', role = '', note = '' }: Attribution): boolean {
  return [owner, service, host, role, note].every((text) => clean(text) === text);
}

/** Names come from elsewhere, also from DNS: what would move the cursor of a terminal is not passed on. */
function printableAttribution(attribution: Attribution): Attribution {
  if (isClean(attribution)) return attribution;
  const cleaned = Object.entries(attribution).map(([key, text]) => [key, clean(String(text))]);
  return Object.fromEntries(cleaned) as Attribution;
}

/**
 * The best of some attributions, the best first, with what it does not know and others do: a process is certain, and the role
 * stands in the name. Of an address that stands for many nothing is added, for it would be true of one of them.
 */
function completed([best, ...others]: readonly Attribution[]): Attribution | undefined {
  if (!best || best.confidence === 'ambiguous') return best;
  const known = others.filter(({ confidence }) => confidence !== 'ambiguous');
  const missing = ASIDE.filter((key) => best[key] === undefined);
  const added = missing.flatMap((key) => {
    const text = known.find((attribution) => attribution[key] !== undefined)?.[key];
    return text === undefined ? [] : [[key, text] as const];
  });
  return added.length === 0 ? best : { ...best, ...Object.fromEntries(added) };
}

function ambiguous(owner: string, note: string): Attribution {
  return { owner, source: 'address', confidence: 'ambiguous', note };
}

/** What the address alone says: the last resort, and always there. */
export function addressAttribution({ ip }: Peer): Attribution {
  if (isUnixSocket(ip)) return ambiguous(ip, 'a unix socket does not tell who opened it');
  if (isLoopback(ip)) return ambiguous(ip, 'any process on the machine of the server');
  if (normaliseIp(ip) === undefined) return ambiguous(ip || '?', 'the server does not know its address');
  return { owner: ip, source: 'address', confidence: 'likely' };
}

/** Asks who holds connections, for all peers at once. */
export type AskWho = (peers: Iterable<Peer>) => Promise<AttributionResult>;
