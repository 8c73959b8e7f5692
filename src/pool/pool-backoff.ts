import { type BackoffBounds, fullJitter, refusalDelayMs } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';

/** A connection that is lost sooner than this after it became ready counts as an early loss. */
const EARLY_LOSS_MS = 1_000;

/**
 * How long a pool waits before it opens the next connection. Keeps the pool from dialling in a loop if a server or a
 * proxy closes connections as soon as they are ready.
 */
export interface ReopenBackoff {
  /** Records that a connection was lost `ageMs` after it became ready. Returns whether this was an early loss. */
  recordLoss(ageMs: number): boolean;
  /** Whether there was an early loss that no answer has ended yet. */
  isActive(): boolean;
  /**
   * Records that a connection of this age answered its borrower. An age of a second or more ends the backoff. A younger
   * connection shows that the server answers, but not that connections survive, so the first delay remains.
   */
  recordAnswer(ageMs: number): void;
  /** Time until the next connection may be opened. Counts from the last loss, which may be long ago. */
  delayMs(): number;
}

export function createReopenBackoff(
  clock: Pick<Clock, 'now' | 'random'>,
  bounds: BackoffBounds,
): ReopenBackoff {
  let earlyLosses = 0;
  let lostAt = 0;
  return {
    recordLoss(ageMs) {
      lostAt = clock.now();
      earlyLosses = ageMs < EARLY_LOSS_MS ? earlyLosses + 1 : 0;
      return earlyLosses > 0;
    },
    isActive: () => earlyLosses > 0,
    recordAnswer(ageMs) {
      earlyLosses = ageMs < EARLY_LOSS_MS ? Math.min(earlyLosses, 1) : 0;
    },
    delayMs() {
      if (earlyLosses === 0) return 0;
      return Math.max(0, lostAt + fullJitter(earlyLosses, bounds, clock.random()) - clock.now());
    },
  };
}

/** If the last pause ended longer ago than this, the next pause is a short one again. */
const READ_ONLY_RESET_MS = 60_000;

/** A pause lasts at least 1 s, and up to 4 s more. It is short, because a host name may lead to the new master at any time. */
const MIN_READ_ONLY_PAUSE_MS = 1_000;
const EXTRA_READ_ONLY_PAUSE: BackoffBounds = { baseMs: 1_000, capMs: 4_000 };

/**
 * Decides whether a READONLY reply makes a pool replace its connections. The first reply does. If the new connections
 * get READONLY too, the address still leads to a replica, and a dial for each refused write would not help.
 */
export interface ReadOnlyBackoff {
  /** Whether to replace the connections now. If so, READONLY replies of the next seconds are ignored. */
  tryReplace(): boolean;
}

export function createReadOnlyBackoff(clock: Pick<Clock, 'now' | 'random'>): ReadOnlyBackoff {
  let replacements = 0;
  let pausedUntil = 0;
  return {
    tryReplace() {
      const now = clock.now();
      if (now < pausedUntil) return false;
      if (now - pausedUntil > READ_ONLY_RESET_MS) replacements = 0;
      replacements += 1;
      const extraMs = fullJitter(replacements, EXTRA_READ_ONLY_PAUSE, clock.random());
      pausedUntil = now + MIN_READ_ONLY_PAUSE_MS + extraMs;
      return true;
    },
  };
}

/** Why dials failed since the last connection became ready, and the pause after refused credentials. */
export interface DialFailures {
  /** The latest failure. */
  readonly last: Error | undefined;
  /** Records a failure. Returns whether the server refused the credentials, so that another dial would not help. */
  record(error: Error): boolean;
  /**
   * Refuses all callers for 1 s and more. Each dial is a failed login in the server's ACL LOG, and callers that come one
   * after the other would otherwise cause a dial each. Calls during a pause do not lengthen it.
   */
  pause(error: Error): void;
  /** The error for callers that come during a pause. */
  pauseError(): Error | undefined;
  /** Forgets all failures and ends the pause: a connection is ready. */
  reset(): void;
}

export function createDialFailures(clock: Pick<Clock, 'now' | 'random'>): DialFailures {
  let last: Error | undefined;
  let pauseCount = 0;
  let currentPause: { readonly error: Error; readonly until: number } | undefined;

  function pauseError(): Error | undefined {
    return currentPause && clock.now() < currentPause.until ? currentPause.error : undefined;
  }

  return {
    get last() {
      return last;
    },
    record(error) {
      last = error;
      return error instanceof HygieneError && error.code === 'HYG_AUTH_REFUSED';
    },
    pause(error) {
      if (pauseError()) return;
      pauseCount += 1;
      currentPause = { error, until: clock.now() + refusalDelayMs(pauseCount, clock.random()) };
    },
    pauseError,
    reset() {
      last = undefined;
      pauseCount = 0;
      currentPause = undefined;
    },
  };
}
