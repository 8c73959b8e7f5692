import { afterRefusal } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';

/** Why dials brought no connection, until one does. */
export interface Failures {
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

export function createFailures(clock: Pick<Clock, 'now' | 'random'>): Failures {
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
