import type { Clock } from '../core/clock.js';
import type { Address } from './address.js';

/** A sentinel that did not help, and why. */
export interface Failure {
  readonly sentinel: Address;
  readonly error: Error;
}

/** How a round through the sentinels ended. */
export interface Outcome<Answer> {
  /** Nothing where none of them helped. */
  readonly answered: { readonly sentinel: Address; readonly answer: Answer } | undefined;
  readonly failures: readonly Failure[];
}

export interface RoundPorts<Answer> {
  readonly clock: Clock;
  /** How long the next sentinel waits for the one before it, in milliseconds. */
  readonly staggerMs: number;
  /** The questions still open are called off when the round is over. */
  readonly put: (sentinel: Address, signal: AbortSignal) => Promise<Answer>;
}

/**
 * Asks one sentinel after the other: the next one as soon as one has failed or is slow, which may still answer. The
 * first answer counts.
 */
export function askAround<Answer>(
  sentinels: readonly Address[],
  { clock, staggerMs, put }: RoundPorts<Answer>,
): Promise<Outcome<Answer>> {
  const failures: Failure[] = [];
  const waiting = [...sentinels];
  const round = new AbortController();
  let timer: ReturnType<Clock['after']> | undefined;

  return new Promise((resolve) => {
    function end(answered: Outcome<Answer>['answered']): void {
      timer?.cancel();
      resolve({ answered, failures });
      round.abort();
    }

    function fail(failure: Failure): void {
      if (round.signal.aborted) return;
      failures.push(failure);
      if (failures.length === sentinels.length) end(undefined);
      else askNext();
    }

    function askNext(): void {
      timer?.cancel();
      const sentinel = waiting.shift();
      if (!sentinel) return;
      timer = clock.after(staggerMs, askNext);
      put(sentinel, round.signal).then(
        (answer) => end({ sentinel, answer }),
        (error: unknown) => fail({ sentinel, error: error as Error }),
      );
    }

    askNext();
  });
}
