import { afterRefusal, type BackoffBounds, fullJitter } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';

/** A connection that was lost sooner than this after it had become ready died young. */
const YOUNG_MS = 1_000;

/**
 * How long to wait before the next connection is made: a server, or a proxy, that closes connections as soon as they
 * are ready is not dialled in a loop.
 */
export interface ReopenBackoff {
  /** A connection was lost, `ageMs` after it had become ready. Gives whether that was too soon. */
  lost(ageMs: number): boolean;
  /**
   * A connection of this age has answered its borrower. A young one shows that the server serves, not that it lets
   * connections live: the wait is a short one then, and not none.
   */
  served(ageMs: number): void;
  delayMs(): number;
}

export function createReopenBackoff(clock: Pick<Clock, 'random'>, bounds: BackoffBounds): ReopenBackoff {
  let deaths = 0;
  return {
    lost(ageMs) {
      deaths = ageMs < YOUNG_MS ? deaths + 1 : 0;
      return deaths > 0;
    },
    served(ageMs) {
      deaths = ageMs < YOUNG_MS ? Math.min(deaths, 1) : 0;
    },
    delayMs: () => (deaths === 0 ? 0 : fullJitter(deaths, bounds, clock.random())),
  };
}

/** So long after the last pause a server may have become a replica anew. */
const FORGOTTEN_MS = 60_000;

/** At least, and at most on top of it: short, since a name may lead to the new master at any moment. */
const LEAST_MS = 1_000;
const MORE: BackoffBounds = { baseMs: 1_000, capMs: 4_000 };

/**
 * Whether a reply of READONLY is a reason to dial anew. The first one is. Where the successors of those connections
 * get it too the address still leads to a replica, or always did: a dial for each write would help nobody.
 */
export interface ReadOnlyBackoff {
  isReason(): boolean;
}

export function createReadOnlyBackoff(clock: Pick<Clock, 'now' | 'random'>): ReadOnlyBackoff {
  let renewals = 0;
  let nextAt = 0;
  return {
    isReason() {
      const now = clock.now();
      if (now < nextAt) return false;
      if (now - nextAt > FORGOTTEN_MS) renewals = 0;
      renewals += 1;
      nextAt = now + LEAST_MS + fullJitter(renewals, MORE, clock.random());
      return true;
    },
  };
}

/** Why dials brought no connection, until one does. */
export interface DialFailures {
  /** Of the latest one. */
  readonly last: Error | undefined;
  /** Gives whether the credentials were refused: no further dial helps. */
  note(error: Error): boolean;
  /**
   * Nobody asks again for a second and more: each try is a failed login in the server's ACL LOG, and callers that come
   * one after the other would make as many as they can. Those who were asking at the same time count once.
   */
  pause(error: Error): void;
  /** What to tell who comes during a pause. */
  refusal(): Error | undefined;
  /** A connection is up. */
  forget(): void;
}

export function createDialFailures(clock: Pick<Clock, 'now' | 'random'>): DialFailures {
  let last: Error | undefined;
  let pauses = 0;
  let latest: { readonly error: Error; readonly until: number } | undefined;

  function refusal(): Error | undefined {
    return latest && clock.now() < latest.until ? latest.error : undefined;
  }

  return {
    get last() {
      return last;
    },
    note(error) {
      last = error;
      return error instanceof HygieneError && error.code === 'HYG_AUTH_REFUSED';
    },
    pause(error) {
      if (refusal()) return;
      pauses += 1;
      latest = { error, until: clock.now() + afterRefusal(pauses, clock.random()) };
    },
    refusal,
    forget() {
      last = undefined;
      pauses = 0;
      latest = undefined;
    },
  };
}
