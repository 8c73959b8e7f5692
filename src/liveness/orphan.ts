import type { Ask, Ends, Passport } from './passport.js';
import type { Fate } from './reap.js';

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
  /** Unknown where the connection was lost before the server had told it. */
  readonly clientId: number | undefined;
  /** As the server saw it, unknown before Redis 6.2; our own end where it was lost before the server had told. */
  readonly address: string | undefined;
  /** How long it has been an orphan, in milliseconds. */
  readonly orphanedMs: number;
}

/** A socket that has closed. */
export interface LostSocket {
  /** The client that lost it, and that reaps it on its next connection. */
  readonly owner: object;
  readonly facts: OrphanFacts;
  /** How the server knew it, if it had time to tell. */
  readonly passport: Passport | undefined;
  /** Its two ends, by which it is recognised where there is no passport. */
  readonly ends: Ends | undefined;
}

export interface Orphan extends Omit<LostSocket, 'owner'> {
  /** Free for any other client once this one has ended. */
  owner: object | undefined;
  readonly lostAt: number;
}

/** A connection that has just come up, and reaps before it does anything else. */
export interface Reaper extends Pick<LostSocket, 'owner' | 'facts'> {
  readonly passport: Passport;
  /** Looked up only where it is needed: Node remembers what it was asked, for each socket. */
  readonly ends: () => Ends;
  readonly ask: Ask;
}

/** An orphan ends with its server's run. Behind a Sentinel's name stand several servers, each with its own. */
export function hasEnded(
  { passport, facts: { target } }: Orphan,
  { passport: { runId }, facts }: Reaper,
): boolean {
  if (!passport || runId === undefined || runId === passport.runId) return false;
  return target === facts.target && !target.startsWith('sentinel:');
}

export function report(
  { facts, passport, ends, lostAt }: Orphan,
  { outcome, why }: Fate,
  now: number,
): OrphanReport {
  const { name, role, target } = facts;
  const { clientId, address } = passport ?? { clientId: undefined, address: ends?.local };
  return { outcome, why, name, role, target, clientId, address, orphanedMs: now - lostAt };
}

/** Whether a connection may find this one on its server, or may know that it has ended. */
function isInReach(orphan: Orphan, reaper: Reaper): boolean {
  if (isStray(orphan)) return orphan.ends.remote === reaper.ends().remote;
  return orphan.passport?.runId === reaper.passport.runId || hasEnded(orphan, reaper);
}

/** A connection's own orphans, and free ones in its reach, which become its own: no two ask for the same. */
export function claim(orphans: Iterable<Orphan>, reaper: Reaper): Orphan[] {
  const claimed = [...orphans].filter(
    (orphan) => orphan.owner === reaper.owner || (!orphan.owner && isInReach(orphan, reaper)),
  );
  claimed.forEach((orphan) => (orphan.owner = reaper.owner));
  return claimed;
}

/** Whether the server had told how it knows this one. */
export function isIdentified(orphan: Orphan): orphan is Orphan & { readonly passport: Passport } {
  return orphan.passport !== undefined;
}

/** Whether this one can be looked for by its ends alone. */
export function isStray(orphan: Orphan): orphan is Orphan & { readonly ends: Ends } {
  return !isIdentified(orphan) && orphan.ends !== undefined;
}
