import type { Clock } from '../core/clock.js';
import type { LivingIdentities } from './living-identities.js';
import type { FindLivingSockets } from './living-sockets.js';
import { createMissedOrphans, type MissableOrphan } from './missed-orphans.js';
import { hasOwnAddresses, isOfSameRun } from './orphan-proof.js';
import {
  type ReapResult,
  isPermissionDenied,
  permissionDenied,
  reapIdentified,
  reapUnidentified,
} from './reap-orphans.js';
import type { AskServer, ConnectionEnds, ServerSideIdentity } from './server-side-identity.js';

/** Facts about the connection that left an orphan behind. */
export interface OrphanFacts {
  /** As in CLIENT LIST. */
  readonly name: string;
  readonly role: string;
  /** URL of the server, without credentials. */
  readonly target: string;
}

/** The server's half of a connection that this process has given up, as its server knows it. */
export interface OrphanInfo extends OrphanFacts {
  /** Run of the server (`run_id` of INFO) in which the id was given. `undefined` as the id, and if INFO is refused. */
  readonly runId: string | undefined;
  /** CLIENT ID of the connection. Unknown if the connection was lost before the server had sent it. */
  readonly clientId: number | undefined;
  /**
   * Client address as the server saw it, unknown before Redis 6.2. If the connection was lost before the server had
   * sent it: the address of our own end.
   */
  readonly address: string | undefined;
  /** Time since the loss of the connection, in milliseconds. */
  readonly orphanedMs: number;
}

/** An orphan, and its outcome. */
export interface OrphanReport extends OrphanInfo, ReapResult {}

/** A socket that closed on our side while the server may still have its half. */
interface LostSocket {
  /** The client that lost the socket. Its next connection reaps the orphan. */
  readonly owner: object;
  readonly facts: OrphanFacts;
  /** `undefined` if the socket was lost before the server had identified the connection. */
  readonly identity: ServerSideIdentity | undefined;
  /** The two ends of the socket, by which the server's half is found if the identity is unknown. */
  readonly ends: ConnectionEnds | undefined;
  /** Whether the server saw another port than this process: there is NAT or a proxy in between. @default false */
  readonly isTranslated?: boolean;
}

interface Orphan extends Omit<LostSocket, 'owner'>, MissableOrphan {
  readonly lostAt: number;
}

/** A connection that has just come up, and reaps before it does anything else. */
export interface Reaper extends Pick<LostSocket, 'owner' | 'facts'> {
  readonly identity: ServerSideIdentity;
  /** A function, called only if needed: Node caches the addresses of every socket that was asked for them. */
  readonly ends: () => ConnectionEnds;
  readonly ask: AskServer;
}

/** The orphans of a factory, kept until the server's half of each is known to be gone. */
export interface Orphans {
  /** Adds a socket that is gone without having been closed by the server. */
  add(lost: LostSocket): void;
  /** Frees the orphans of a client that will not connect again: any connection to their server may reap them. */
  disown(owner: object): void;
  /** The orphans that were not reaped yet, the oldest first. */
  list(): OrphanInfo[];
  /**
   * Reaps the orphans that the server of this connection still has. Resolves once all of them were tried. From now on the
   * connection counts as open, until `leave()`.
   */
  reap(reaper: Reaper): Promise<void>;
  /** The socket of a connection that has reaped is closed. */
  leave(identity: ServerSideIdentity): void;
}

export interface OrphanPorts {
  readonly clock: Clock;
  readonly onOrphan: (report: OrphanReport) => void;
  readonly livingIdentities: LivingIdentities;
  readonly findLivingSockets: FindLivingSockets;
}

/** Enough for a process that loses a hundred connections ten times over. An orphan takes about 200 bytes. */
const MAX_ORPHANS = 1_000;

const UNREACHED: ReapResult = {
  outcome: 'unreached',
  why: 'Connections to its address reach another run: the server was restarted, or several servers stand behind the address.',
};
const FORGOTTEN: ReapResult = { outcome: 'forgotten', why: `There are more than ${MAX_ORPHANS} orphans.` };
const BEHIND_NAT: ReapResult = {
  outcome: 'refused',
  why: 'The connection was lost before the server had sent its id, and the server shows other addresses than ours (NAT).',
};

export function createOrphans(ports: OrphanPorts): Orphans {
  const { clock, onOrphan, livingIdentities } = ports;
  const orphans = new Set<Orphan>();
  const releaseMissed = createMissedOrphans(clock, orphans, (orphan) => settle(orphan, UNREACHED));
  /** Targets whose refusal was reported. Reported again only after an orphan could be reaped there. */
  const refusingTargets = new Set<string>();

  function settle(orphan: Orphan, result: ReapResult): void {
    if (!orphans.delete(orphan)) return;
    if (result.outcome === 'reaped') refusingTargets.delete(orphan.facts.target);
    onOrphan(reportOf(orphan, result, clock.now()));
  }

  function refuse(orphan: Orphan, identity: ServerSideIdentity): void {
    const { target } = orphan.facts;
    if (!refusingTargets.has(target)) onOrphan(reportOf(orphan, permissionDenied(identity), clock.now()));
    refusingTargets.add(target);
  }

  return {
    add(lost) {
      const { identity } = lost;
      // Without an identity the connection never got as far as commands that are sent again, so its client need not be
      // the one that reaps: the first connection of any client looks for all such orphans with one CLIENT LIST.
      const owner = identity && lost.owner;
      const orphan: Orphan = { ...lost, owner, lostAt: clock.now(), missedAt: undefined };
      // Where INFO is refused the run of the server is unknown, so ownership could never be proven.
      if (identity && identity.runId === undefined) return refuse(orphan, identity);
      const [oldest] = orphans;
      if (oldest && orphans.size >= MAX_ORPHANS) settle(oldest, FORGOTTEN);
      orphans.add(orphan);
    },
    disown(owner) {
      for (const orphan of orphans) if (orphan.owner === owner) orphan.owner = undefined;
    },
    async reap(reaper) {
      livingIdentities.add(reaper.identity);
      const handlers = { ...ports, settle, refuse };
      const claimed = claimOrphans(orphans, reaper);
      releaseMissed([...orphans].filter((orphan) => isMissed(orphan, reaper)));
      await settleIdentified(claimed, reaper, clock.now(), handlers);
      await settleUnidentified(claimed, reaper, clock.now(), handlers);
    },
    list: () => [...orphans].map((orphan) => infoOf(orphan, clock.now())),
    leave: (identity) => livingIdentities.remove(identity),
  };
}

function infoOf({ facts, identity, ends, lostAt }: Orphan, now: number): OrphanInfo {
  const { name, role, target } = facts;
  const known = identity ?? { runId: undefined, clientId: undefined, address: ends?.local };
  const { runId, clientId, address } = known;
  return { name, role, target, runId, clientId, address, orphanedMs: now - lostAt };
}

function reportOf(orphan: Orphan, { outcome, why }: ReapResult, now: number): OrphanReport {
  return { outcome, why, ...infoOf(orphan, now) };
}

/**
 * Claims the reaper's own orphans, and the free ones that it can reach. They belong to the reaper afterwards, so that no
 * two connections reap the same orphan.
 */
function claimOrphans(orphans: Iterable<Orphan>, reaper: Reaper): Orphan[] {
  const claimed = [...orphans].filter(
    (orphan) => orphan.owner === reaper.owner || (!orphan.owner && isInReach(orphan, reaper)),
  );
  claimed.forEach((orphan) => (orphan.owner = reaper.owner));
  return claimed;
}

/** Whether the reaper's server may have this orphan. */
function isInReach(orphan: Orphan, reaper: Reaper): boolean {
  if (isUnidentified(orphan)) return orphan.ends.remote === reaper.ends().remote;
  return orphan.identity?.runId === reaper.identity.runId;
}

/**
 * Whether the reaper was to reach this orphan, and has reached another run of a server. That is no proof that the orphan
 * has ended with a restart: several servers may stand behind one address.
 */
function isMissed({ identity, owner, facts }: Orphan, reaper: Reaper): boolean {
  const { runId } = reaper.identity;
  if (!identity || runId === undefined || runId === identity.runId) return false;
  return owner === reaper.owner || (!owner && facts.target === reaper.facts.target);
}

/** Whether the server had identified this connection. */
function isIdentified(orphan: Orphan): orphan is Orphan & { readonly identity: ServerSideIdentity } {
  return orphan.identity !== undefined;
}

/** Whether this orphan can be found by its two ends alone. */
function isUnidentified(orphan: Orphan): orphan is Orphan & { readonly ends: ConnectionEnds } {
  return !isIdentified(orphan) && orphan.ends !== undefined;
}

/** What a reap does with each orphan, and what it asks. */
interface ReapHandlers extends Pick<OrphanPorts, 'livingIdentities' | 'findLivingSockets'> {
  readonly settle: (orphan: Orphan, result: ReapResult) => void;
  /** The server denies the right to reap. The orphan is kept. */
  readonly refuse: (orphan: Orphan, identity: ServerSideIdentity) => void;
}

/** Gives one result per orphan, in their order. */
type ReapOrphans = () => readonly ReapResult[] | Promise<readonly ReapResult[]>;

async function settleAll(
  orphans: readonly Orphan[],
  { identity }: Reaper,
  reapOrphans: ReapOrphans,
  { settle, refuse }: ReapHandlers,
): Promise<void> {
  if (orphans.length === 0) return;
  try {
    const results = await reapOrphans();
    orphans.forEach((orphan, index) => settle(orphan, results[index] as ReapResult));
  } catch (error) {
    // Kept for the next connection: this one broke, the server was busy, or the missing right may be granted by then.
    if (isPermissionDenied(error)) orphans.forEach((orphan) => refuse(orphan, identity));
  }
}

/** Reaps the identified orphans of the server's present run. */
async function settleIdentified(
  claimed: readonly Orphan[],
  reaper: Reaper,
  now: number,
  handlers: ReapHandlers,
): Promise<void> {
  const { ask, identity } = reaper;
  const identified = claimed.filter(isIdentified);
  if (identity.runId === undefined) identified.forEach((orphan) => handlers.refuse(orphan, identity));
  const ofThisRun = identified.filter((orphan) => isOfSameRun(orphan.identity, identity));
  const identities = ofThisRun.map(({ identity: known, lostAt, isTranslated }) =>
    isTranslated ? { ...known, minSilenceMs: now - lostAt } : known,
  );
  await settleAll(
    ofThisRun,
    reaper,
    () => reapIdentified(ask, identities, handlers.livingIdentities),
    handlers,
  );
}

/** Reaps the orphans that were connected to the address of this server, and lost before it had sent their ids. */
async function settleUnidentified(
  claimed: readonly Orphan[],
  reaper: Reaper,
  now: number,
  handlers: ReapHandlers,
): Promise<void> {
  const unidentified = claimed.filter(isUnidentified);
  if (unidentified.length === 0) return;
  const { ask, identity } = reaper;
  const ends = reaper.ends();
  // An orphan that was claimed over an earlier connection may have been lost to another server than this one.
  const ofThisServer = unidentified.filter((orphan) => orphan.ends.remote === ends.remote);
  const candidates = ofThisServer.map((orphan) => ({
    name: orphan.facts.name,
    ends: orphan.ends,
    lostMs: now - orphan.lostAt,
  }));
  const { livingIdentities: living, findLivingSockets } = handlers;
  const { runId } = identity;
  const reapOrphans = () =>
    hasOwnAddresses(identity, ends)
      ? reapUnidentified(ask, candidates, { runId, living, findLivingSockets })
      : candidates.map(() => BEHIND_NAT);
  await settleAll(ofThisServer, reaper, reapOrphans, handlers);
}
