import { replaceUnprintable } from '../text/safe-text.js';
import {
  type Attribution,
  type AttributionSource,
  attributionSources,
  type Peer,
  type Resolver,
} from './attribution.js';
import { isLoopback, isUnixSocket, normalizeIp } from './ip-address.js';
import type { PeerList } from './peer-columns.js';

/** The owners that were found for a set of peers. */
export interface AttributionResult {
  /**
   * The best attribution of a peer, by its number. Its missing service, host and role come from the next attribution that has
   * them.
   */
  readonly attributionOf: (peer: number) => Attribution;
  /** The other attributions of the peer, the best first. */
  readonly alternativesOf: (peer: number) => readonly Attribution[];
  /** Problems of the resolvers, each listed once. */
  readonly warnings: readonly string[];
}

/** Finds the owners of all given peers. */
export type AttributePeers = (peers: PeerList) => Promise<AttributionResult>;

/** Finds the owners of connections. */
export interface Attributor {
  /** Asks every resolver once about each peer. Never rejects: a resolver that fails becomes a warning. */
  readonly attribute: AttributePeers;
}

/** Combines resolvers. The address of the peer is always the last resort. */
export function createAttributor(resolvers: readonly Resolver[]): Attributor {
  const inOrder = [...resolvers].sort(
    (one, other) => attributionSources.indexOf(one.source) - attributionSources.indexOf(other.source),
  );
  return {
    async attribute(peers) {
      const failures = createFailureLog();
      const known = await attributeAll(peers, inOrder, failures);
      const warnings = resolvers.flatMap((resolver) => resolver.warnings?.() ?? []);
      const addressOf = (peer: number) => addressAttribution(peers.at(peer) as Peer);
      const rankedAttributionsOf = (peer: number) =>
        [...known.of(peer), addressOf(peer)].sort(compareAttributions);
      return {
        attributionOf(peer) {
          const [first, ...others] = known.of(peer);
          // Nearly all of a million peers are known by one source, or by none.
          if (!first) return addressOf(peer);
          if (others.length === 0 && confidenceRankOf(first) < ADDRESS_RANK) return first;
          return completeBest(rankedAttributionsOf(peer)) ?? first;
        },
        alternativesOf: (peer) => rankedAttributionsOf(peer).slice(1),
        warnings: [...warnings, ...failures.messages()],
      };
    },
  };
}

/** The first failure of each resolver. */
function createFailureLog() {
  const firstMessages = new Map<Resolver, string>();
  return {
    add(resolver: Resolver, error: unknown): undefined {
      if (firstMessages.has(resolver)) return;
      firstMessages.set(resolver, error instanceof Error ? error.message : String(error));
    },
    messages: () =>
      [...firstMessages].map(([{ source }, message]) => `The source "${source}" failed: ${message}`),
  };
}

type FailureLog = ReturnType<typeof createFailureLog>;

/** What the resolvers said of peers. Of nearly all of a million peers one resolver knows something, or none. */
function createKnownAttributions() {
  const firsts: (Attribution | undefined)[] = [];
  const furthers = new Map<number, readonly Attribution[]>();
  return {
    add(peer: number, attribution: Attribution): void {
      if (firsts[peer]) furthers.set(peer, [...(furthers.get(peer) ?? []), attribution]);
      else firsts[peer] = attribution;
    },
    of(peer: number): readonly Attribution[] {
      const first = firsts[peer];
      return first ? [first, ...(furthers.get(peer) ?? [])] : [];
    },
  };
}

type KnownAttributions = ReturnType<typeof createKnownAttributions>;

async function attributeAll(
  peers: PeerList,
  resolvers: readonly Resolver[],
  failures: FailureLog,
): Promise<KnownAttributions> {
  const known = createKnownAttributions();
  const pending: Promise<unknown>[] = [];
  for (let number = 0; number < peers.length; number += 1) {
    attributePeer(number, peers.at(number) as Peer, resolvers, { known, failures, pending });
  }
  await Promise.all(pending);
  return known;
}

/** Where the answers of resolvers go. */
interface Answers {
  readonly known: KnownAttributions;
  readonly failures: FailureLog;
  readonly pending: Promise<unknown>[];
}

/**
 * Collects the attributions of one peer. Only resolvers that answer later add a promise to `pending`: most of a million peers
 * need none.
 */
function attributePeer(
  number: number,
  peer: Peer,
  resolvers: readonly Resolver[],
  { known, failures, pending }: Answers,
): void {
  const keep = (answer: Attribution | undefined) => void (answer && known.add(number, toPrintable(answer)));
  for (const resolver of resolvers) {
    if (isSlow(resolver) && known.of(number).some(isUnambiguous)) continue;
    const answer = callResolver(resolver, peer, failures);
    if (answer instanceof Promise) {
      pending.push(answer.then(keep, (error: unknown) => failures.add(resolver, error)));
    } else keep(answer);
  }
}

/** Reverse DNS ranks below every other attribution that is not ambiguous, so it is skipped if there is one. */
const isSlow = ({ source }: Resolver) => source === 'dns';

const isUnambiguous = ({ confidence }: Attribution) => confidence !== 'ambiguous';

function callResolver(
  resolver: Resolver,
  peer: Peer,
  failures: FailureLog,
): ReturnType<Resolver['attribute']> {
  try {
    return resolver.attribute(peer);
  } catch (error) {
    return failures.add(resolver, error);
  }
}

/** Sources whose ambiguous attributions say why the address is shared, which helps more than the address or its DNS name. */
const EXPLAINING_SOURCES: ReadonlySet<AttributionSource> = new Set(['pod', 'container', 'process', 'hosts']);

/** Sources that know nothing beyond the address. */
const ADDRESS_SOURCES: ReadonlySet<AttributionSource> = new Set(['dns', 'address']);

const ADDRESS_RANK = 3;

/** Rank by confidence: certain, likely, ambiguous with an explanation, the bare address, everything else. */
function confidenceRankOf({ confidence, source }: Attribution): number {
  if (confidence === 'certain') return 0;
  if (confidence === 'likely') return ADDRESS_SOURCES.has(source) ? ADDRESS_RANK : 1;
  return EXPLAINING_SOURCES.has(source) ? 2 : 4;
}

/** Sorts the best attribution first: by confidence, then by how informative the source is. */
export function compareAttributions(one: Attribution, other: Attribution): number {
  return (
    confidenceRankOf(one) - confidenceRankOf(other) ||
    attributionSources.indexOf(one.source) - attributionSources.indexOf(other.source)
  );
}

/** Names come from other systems, DNS included. Control characters that would move a terminal's cursor are replaced. */
function toPrintable(attribution: Attribution): Attribution {
  if (isPrintable(attribution)) return attribution;
  const cleaned = Object.entries(attribution).map(([key, text]) => [key, replaceUnprintable(String(text))]);
  return Object.fromEntries(cleaned) as Attribution;
}

function isPrintable({ owner, service = '', host = '', role = '', note = '' }: Attribution): boolean {
  return [owner, service, host, role, note].every((text) => replaceUnprintable(text) === text);
}

const COMPLETED_FIELDS = ['service', 'host', 'role'] as const;

/**
 * The best of the ranked attributions, completed with fields that only others have: the process is certain, for example,
 * while the role stands in the connection name. An ambiguous attribution is not completed, since the fields would be true
 * for only one of the clients behind the address.
 */
function completeBest([best, ...others]: readonly Attribution[]): Attribution | undefined {
  if (!best || best.confidence === 'ambiguous') return best;
  const usable = others.filter(isUnambiguous);
  const missing = COMPLETED_FIELDS.filter((field) => best[field] === undefined);
  const added = missing.flatMap((field) => {
    const text = usable.find((attribution) => attribution[field] !== undefined)?.[field];
    return text === undefined ? [] : [[field, text] as const];
  });
  return added.length === 0 ? best : { ...best, ...Object.fromEntries(added) };
}

/** What the address alone says: the last resort, always available. */
export function addressAttribution({ ip }: Peer): Attribution {
  if (isUnixSocket(ip)) return ambiguous(ip, 'a unix socket does not show which process opened it');
  if (isLoopback(ip)) return ambiguous(ip, 'any process on the server’s own machine');
  if (normalizeIp(ip) === undefined) return ambiguous(ip || '?', 'the server does not know the address');
  return { owner: ip, source: 'address', confidence: 'likely' };
}

function ambiguous(owner: string, note: string): Attribution {
  return { owner, source: 'address', confidence: 'ambiguous', note };
}
