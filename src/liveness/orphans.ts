import type { Clock } from '../core/clock.js';
import {
  type ReapResult,
  isNotAllowed,
  notAllowed,
  reapIdentified,
  reapUnidentified,
} from './reap-orphans.js';
import type { Ask, ConnectionEnds, ServerSideIdentity } from './server-side-identity.js';

export interface OrphanPorts {
  readonly clock: Clock;
  readonly onOrphan: (report: OrphanReport) => void;
}

/** The orphans of a factory: from the loss of a connection until its server's half is known to be gone. */
export interface Orphans {
  /** A socket is gone, and the server has not closed it. */
  add(lost: LostSocket): void;
  /** The client behind these will not connect again: any other connection to their server may reap them. */
  disown(owner: object): void;
  /** Reaps what the server of this connection still holds. Resolves when each has met its fate. */
  reap(reaper: Reaper): Promise<void>;
}

/** Enough for a process that loses a hundred connections ten times over; some 200 bytes each. */
const MAX_ORPHANS = 1_000;

const RESTARTED: ReapResult = { outcome: 'gone', why: 'The server has been restarted since.' };
const FORGOTTEN: ReapResult = { outcome: 'forgotten', why: `There are more than ${MAX_ORPHANS} orphans.` };
const NOT_SEEN: ReapResult = {
  outcome: 'refused',
  why: 'It was lost before the server had told its id, and the server shows other addresses than ours (NAT).',
};

/** How the fate of an orphan is told. */
interface Verdicts {
  readonly settle: (orphan: Orphan, fate: ReapResult) => void;
  /** The server does not allow it. The orphan is kept. */
  readonly refuse: (orphan: Orphan, passport: ServerSideIdentity) => void;
}

type FindFates = () => readonly ReapResult[] | Promise<readonly ReapResult[]>;

/** Settles orphans by the fates that are found, in their order. */
async function settleAll(
  orphans: readonly Orphan[],
  { passport }: Reaper,
  find: FindFates,
  { settle, refuse }: Verdicts,
): Promise<void> {
  if (orphans.length === 0) return;
  try {
    const fates = await find();
    orphans.forEach((orphan, index) => settle(orphan, fates[index] as ReapResult));
  } catch (error) {
    // They are kept for the next connection: this one broke, or is busy, or a right may be granted until then.
    if (isNotAllowed(error)) orphans.forEach((orphan) => refuse(orphan, passport));
  }
}

/** Those that came from the present run of the server. */
async function settleIdentified(
  claimed: readonly Orphan[],
  reaper: Reaper,
  verdicts: Verdicts,
): Promise<void> {
  const { ask, passport } = reaper;
  const identified = claimed.filter(isIdentified);
  if (passport.runId === undefined) identified.forEach((orphan) => verdicts.refuse(orphan, passport));
  const proven = identified.filter((orphan) => orphan.passport.runId === passport.runId);
  const passports = proven.map((orphan) => orphan.passport);
  await settleAll(proven, reaper, () => reapIdentified(ask, passports), verdicts);
}

/** Those that were lost to the very address of this server before it had told their ids. */
async function settleStrays(
  claimed: readonly Orphan[],
  reaper: Reaper,
  now: number,
  verdicts: Verdicts,
): Promise<void> {
  const strayed = claimed.filter(isUnidentified);
  if (strayed.length === 0) return;
  const { ask, passport } = reaper;
  const { local, remote } = reaper.ends();
  // One that was claimed on an earlier connection may have been lost to another server than this.
  const lost = strayed.filter(({ ends }) => ends.remote === remote);
  const strays = lost.map(({ facts, ends, lostAt }) => ({ name: facts.name, ends, lostMs: now - lostAt }));
  const seesOurs = passport.address === local && passport.serverEnd === remote;
  const find = () => (seesOurs ? reapUnidentified(ask, strays) : strays.map(() => NOT_SEEN));
  await settleAll(lost, reaper, find, verdicts);
}

export function createOrphans({ clock, onOrphan }: OrphanPorts): Orphans {
  const orphans = new Set<Orphan>();
  /** Servers that refuse: told once, until one of them lets an orphan be reaped. */
  const refusing = new Set<string>();

  function settle(orphan: Orphan, fate: ReapResult): void {
    if (!orphans.delete(orphan)) return;
    if (fate.outcome === 'reaped') refusing.delete(orphan.facts.target);
    onOrphan(report(orphan, fate, clock.now()));
  }

  function refuse(orphan: Orphan, passport: ServerSideIdentity): void {
    const { target } = orphan.facts;
    if (!refusing.has(target)) onOrphan(report(orphan, notAllowed(passport), clock.now()));
    refusing.add(target);
  }

  return {
    add(lost) {
      const { passport } = lost;
      // A stray has no command that could be sent again: whoever comes first looks for all of them at once.
      const orphan = { ...lost, owner: passport && lost.owner, lostAt: clock.now() };
      // Where INFO is refused the run of the server is not known, and nothing could be proven later.
      if (passport && passport.runId === undefined) return refuse(orphan, passport);
      const [oldest] = orphans;
      if (oldest && orphans.size >= MAX_ORPHANS) settle(oldest, FORGOTTEN);
      orphans.add(orphan);
    },
    disown(owner) {
      for (const orphan of orphans) if (orphan.owner === owner) orphan.owner = undefined;
    },
    async reap(reaper) {
      const verdicts = { settle, refuse };
      const claimed = claim(orphans, reaper);
      claimed.filter((orphan) => hasEnded(orphan, reaper)).forEach((orphan) => settle(orphan, RESTARTED));
      await settleIdentified(claimed, reaper, verdicts);
      await settleStrays(claimed, reaper, clock.now(), verdicts);
    },
  };
}

/** What is known of the connection that left an orphan behind. */
export interface OrphanFacts {
  /** As in CLIENT LIST. */
  readonly name: string;
  readonly role: string;
  /** URL of the server, without credentials. */
  readonly target: string;
}

/** The server's half of a connection that this process has given up, and what became of it. */
export interface OrphanReport extends OrphanFacts, ReapResult {
  /** Unknown where the connection was lost before the server had told it. */
  readonly clientId: number | undefined;
  /** As the server saw it, unknown before Redis 6.2; our own end where it was lost before the server had told. */
  readonly address: string | undefined;
  /** How long it has been an orphan, in milliseconds. */
  readonly orphanedMs: number;
}

/** A socket that has closed. */
interface LostSocket {
  /** The client that lost it, and that reaps it on its next connection. */
  readonly owner: object;
  readonly facts: OrphanFacts;
  /** How the server knew it, if it had time to tell. */
  readonly passport: ServerSideIdentity | undefined;
  /** Its two ends, by which it is recognised where there is no passport. */
  readonly ends: ConnectionEnds | undefined;
}

interface Orphan extends Omit<LostSocket, 'owner'> {
  /** Free for any other client once this one has ended. */
  owner: object | undefined;
  readonly lostAt: number;
}

/** A connection that has just come up, and reaps before it does anything else. */
export interface Reaper extends Pick<LostSocket, 'owner' | 'facts'> {
  readonly passport: ServerSideIdentity;
  /** Looked up only where it is needed: Node remembers what it was asked, for each socket. */
  readonly ends: () => ConnectionEnds;
  readonly ask: Ask;
}

/** An orphan ends with its server's run. Behind a Sentinel's name stand several servers, each with its own. */
function hasEnded({ passport, facts: { target } }: Orphan, { passport: { runId }, facts }: Reaper): boolean {
  if (!passport || runId === undefined || runId === passport.runId) return false;
  return target === facts.target && !target.startsWith('sentinel:');
}

function report(
  { facts, passport, ends, lostAt }: Orphan,
  { outcome, why }: ReapResult,
  now: number,
): OrphanReport {
  const { name, role, target } = facts;
  const { clientId, address } = passport ?? { clientId: undefined, address: ends?.local };
  return { outcome, why, name, role, target, clientId, address, orphanedMs: now - lostAt };
}

/** Whether a connection may find this one on its server, or may know that it has ended. */
function isInReach(orphan: Orphan, reaper: Reaper): boolean {
  if (isUnidentified(orphan)) return orphan.ends.remote === reaper.ends().remote;
  return orphan.passport?.runId === reaper.passport.runId || hasEnded(orphan, reaper);
}

/** A connection's own orphans, and free ones in its reach, which become its own: no two ask for the same. */
function claim(orphans: Iterable<Orphan>, reaper: Reaper): Orphan[] {
  const claimed = [...orphans].filter(
    (orphan) => orphan.owner === reaper.owner || (!orphan.owner && isInReach(orphan, reaper)),
  );
  claimed.forEach((orphan) => (orphan.owner = reaper.owner));
  return claimed;
}

/** Whether the server had told how it knows this one. */
function isIdentified(orphan: Orphan): orphan is Orphan & { readonly passport: ServerSideIdentity } {
  return orphan.passport !== undefined;
}

/** Whether this one can be looked for by its ends alone. */
function isUnidentified(orphan: Orphan): orphan is Orphan & { readonly ends: ConnectionEnds } {
  return !isIdentified(orphan) && orphan.ends !== undefined;
}
