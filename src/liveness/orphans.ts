import type { Clock } from '../core/clock.js';
import type { Ask, Passport } from './passport.js';
import { isNotAllowed, notAllowed, reap, type Fate } from './reap.js';

/** What is known of the connection that left an orphan behind. */
export interface OrphanFacts {
  /** As in CLIENT LIST. */
  readonly name: string;
  readonly role: string;
  /** URL of the server, without credentials. */
  readonly target: string;
}

/** The server's half of a connection that this process has given up, and what became of it. */
export interface OrphanReport extends OrphanFacts, Fate {
  readonly clientId: number;
  /** As the server saw it; unknown before Redis 6.2. */
  readonly address: string | undefined;
  /** How long it has been an orphan, in milliseconds. */
  readonly orphanedMs: number;
}

interface Orphan {
  readonly facts: OrphanFacts;
  readonly passport: Passport;
  /** The client that lost it, and that reaps it on its next connection. Free for any other once it has ended. */
  owner: object | undefined;
  readonly lostAt: number;
}

/** A connection that has just come up, and reaps before it does anything else. */
export interface Reaper {
  readonly owner: object;
  readonly facts: OrphanFacts;
  readonly passport: Passport;
  readonly ask: Ask;
}

export interface OrphanPorts {
  readonly clock: Clock;
  readonly onOrphan: (report: OrphanReport) => void;
}

/** The orphans of a factory: from the loss of a connection until its server's half is known to be gone. */
export interface Orphans {
  /** A socket is gone, and the server has not closed it. */
  add(owner: object, facts: OrphanFacts, passport: Passport): void;
  /** The client behind these will not connect again: any other connection to their server may reap them. */
  disown(owner: object): void;
  /** Reaps what the server of this connection still holds. Resolves when each has met its fate. */
  reap(reaper: Reaper): Promise<void>;
}

/** Enough for a process that loses a hundred connections ten times over; some 200 bytes each. */
const MAX_ORPHANS = 1_000;

const RESTARTED: Fate = { outcome: 'gone', why: 'The server has been restarted since.' };
const FORGOTTEN: Fate = { outcome: 'forgotten', why: `There are more than ${MAX_ORPHANS} orphans.` };

/** An orphan ends with its server's run. Behind a Sentinel's name stand several servers, each with its own. */
function hasEnded({ passport, facts: { target } }: Orphan, { passport: { runId }, facts }: Reaper): boolean {
  if (runId === undefined || runId === passport.runId) return false;
  return target === facts.target && !target.startsWith('sentinel:');
}

function report({ facts, passport, lostAt }: Orphan, { outcome, why }: Fate, now: number): OrphanReport {
  const { name, role, target } = facts;
  const { clientId, address } = passport;
  return { outcome, why, name, role, target, clientId, address, orphanedMs: now - lostAt };
}

/** A connection's own orphans, and free ones of its server, which become its own: no two ask for the same. */
function claim(
  orphans: Iterable<Orphan>,
  { owner, facts: { target }, passport: { runId } }: Reaper,
): Orphan[] {
  const isOfServer = ({ facts, passport }: Orphan) => facts.target === target || passport.runId === runId;
  const claimed = [...orphans].filter(
    (orphan) => orphan.owner === owner || (!orphan.owner && isOfServer(orphan)),
  );
  claimed.forEach((orphan) => (orphan.owner = owner));
  return claimed;
}

export function createOrphans({ clock, onOrphan }: OrphanPorts): Orphans {
  const orphans = new Set<Orphan>();
  /** Servers that refuse: told once, until one of them lets an orphan be reaped. */
  const refusing = new Set<string>();

  function settle(orphan: Orphan, fate: Fate): void {
    if (!orphans.delete(orphan)) return;
    if (fate.outcome === 'reaped') refusing.delete(orphan.facts.target);
    onOrphan(report(orphan, fate, clock.now()));
  }

  function tellRefused(orphan: Orphan, passport: Passport): void {
    const { target } = orphan.facts;
    if (!refusing.has(target)) onOrphan(report(orphan, notAllowed(passport), clock.now()));
    refusing.add(target);
  }

  async function reapProven(proven: readonly Orphan[], { ask, passport }: Reaper): Promise<void> {
    try {
      const fates = await reap(
        ask,
        proven.map((orphan) => orphan.passport),
      );
      proven.forEach((orphan, index) => settle(orphan, fates[index] as Fate));
    } catch (error) {
      // They are kept for the next connection: this one broke, or is busy, or a right may be granted until then.
      if (isNotAllowed(error)) proven.forEach((orphan) => tellRefused(orphan, passport));
    }
  }

  return {
    add(owner, facts, passport) {
      const orphan = { owner, facts, passport, lostAt: clock.now() };
      // Where INFO is refused the run of the server is not known, and nothing could be proven later.
      if (passport.runId === undefined) return tellRefused(orphan, passport);
      const [oldest] = orphans;
      if (oldest && orphans.size >= MAX_ORPHANS) settle(oldest, FORGOTTEN);
      orphans.add(orphan);
    },
    disown(owner) {
      for (const orphan of orphans) if (orphan.owner === owner) orphan.owner = undefined;
    },
    async reap(reaper) {
      const { runId } = reaper.passport;
      const claimed = claim(orphans, reaper);
      if (runId === undefined) claimed.forEach((orphan) => tellRefused(orphan, reaper.passport));
      claimed.filter((orphan) => hasEnded(orphan, reaper)).forEach((orphan) => settle(orphan, RESTARTED));
      const proven = claimed.filter(({ passport }) => passport.runId === runId);
      if (proven.length > 0) await reapProven(proven, reaper);
    },
  };
}
