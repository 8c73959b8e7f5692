import type { Clock } from '../core/clock.js';

/** The part of an orphan that says who may reap it. */
export interface MissableOrphan {
  /** The client that reaps the orphan. `undefined` once any other client may claim it. */
  owner: object | undefined;
  /** When a connection first reached another run of the server than the orphan's. `undefined` while none has. */
  missedAt: number | undefined;
}

/**
 * How long an orphan is kept for connections to its own run, once connections reach another run. With its default
 * tcp-keepalive a server closes a connection without a peer after ten minutes.
 */
const KEEP_MS = 600_000;

/**
 * Creates the function that frees orphans whose client has reached another run of the server, so that any connection to
 * their own run may reap them. `onExpired` is called for each that is still in the set and free after ten minutes. One
 * timer runs while there are such orphans.
 */
export function createMissedOrphans<Orphan extends MissableOrphan>(
  clock: Clock,
  orphans: ReadonlySet<Orphan>,
  onExpired: (orphan: Orphan) => void,
): (missed: readonly Orphan[]) => void {
  let timer: object | undefined;

  function setTimer(waiting: readonly Orphan[]): void {
    const dueInMs = Math.min(...waiting.map(dueAt)) - clock.now();
    if (dueInMs < Infinity) timer = clock.after(Math.max(1, dueInMs), expire);
  }

  function expire(): void {
    timer = undefined;
    const isDue = (orphan: Orphan) => dueAt(orphan) <= clock.now();
    const waiting = [...orphans].filter(({ owner, missedAt }) => !owner && missedAt !== undefined);
    waiting.filter(isDue).forEach(onExpired);
    setTimer(waiting.filter((orphan) => !isDue(orphan)));
  }

  return (missed) => {
    for (const orphan of missed) {
      orphan.owner = undefined;
      orphan.missedAt ??= clock.now();
    }
    if (!timer) setTimer(missed);
  };
}

function dueAt({ missedAt = Infinity }: MissableOrphan): number {
  return missedAt + KEEP_MS;
}
