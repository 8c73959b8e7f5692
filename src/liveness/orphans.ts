import type { Clock } from '../core/clock.js';
import {
  claim,
  hasEnded,
  isIdentified,
  isStray,
  type LostSocket,
  type Orphan,
  type OrphanReport,
  type Reaper,
  report,
} from './orphan.js';
import type { Passport } from './passport.js';
import { type Fate, isNotAllowed, notAllowed, reap, reapStrays } from './reap.js';

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

const RESTARTED: Fate = { outcome: 'gone', why: 'The server has been restarted since.' };
const FORGOTTEN: Fate = { outcome: 'forgotten', why: `There are more than ${MAX_ORPHANS} orphans.` };
const NOT_SEEN: Fate = {
  outcome: 'refused',
  why: 'It was lost before the server had told its id, and the server shows other addresses than ours (NAT).',
};

/** How the fate of an orphan is told. */
interface Verdicts {
  readonly settle: (orphan: Orphan, fate: Fate) => void;
  /** The server does not allow it. The orphan is kept. */
  readonly refuse: (orphan: Orphan, passport: Passport) => void;
}

type FindFates = () => readonly Fate[] | Promise<readonly Fate[]>;

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
    orphans.forEach((orphan, index) => settle(orphan, fates[index] as Fate));
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
  await settleAll(proven, reaper, () => reap(ask, passports), verdicts);
}

/** Those that were lost to the very address of this server before it had told their ids. */
async function settleStrays(
  claimed: readonly Orphan[],
  reaper: Reaper,
  now: number,
  verdicts: Verdicts,
): Promise<void> {
  const strayed = claimed.filter(isStray);
  if (strayed.length === 0) return;
  const { ask, passport } = reaper;
  const { local, remote } = reaper.ends();
  // One that was claimed on an earlier connection may have been lost to another server than this.
  const lost = strayed.filter(({ ends }) => ends.remote === remote);
  const strays = lost.map(({ facts, ends, lostAt }) => ({ name: facts.name, ends, lostMs: now - lostAt }));
  const seesOurs = passport.address === local && passport.serverEnd === remote;
  const find = () => (seesOurs ? reapStrays(ask, strays) : strays.map(() => NOT_SEEN));
  await settleAll(lost, reaper, find, verdicts);
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

  function refuse(orphan: Orphan, passport: Passport): void {
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
