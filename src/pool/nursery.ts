import { fullJitter, type BackoffBounds } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';

/** A connection that was lost sooner than this after it had become ready died young. */
const YOUNG_MS = 1_000;

/**
 * How long to wait before the next connection is made: a server, or a proxy, that closes connections as soon as they
 * are ready is not dialled in a loop.
 */
export interface Nursery {
  /** A connection was lost, `ageMs` after it had become ready. Gives whether that was too soon. */
  lost(ageMs: number): boolean;
  delayMs(): number;
}

export interface NurseryPorts {
  readonly clock: Pick<Clock, 'now' | 'random'>;
  readonly bounds: BackoffBounds;
  /** When the connections that live became ready. */
  readonly births: () => readonly number[];
}

export function createNursery({ clock, bounds, births }: NurseryPorts): Nursery {
  let deaths = 0;
  let lookedAt = 0;

  /** One that has grown up since the last look: new connections live again. Old ones say nothing about that. */
  function look(): void {
    const [from, to] = [lookedAt - YOUNG_MS, clock.now() - YOUNG_MS];
    if (deaths > 0 && births().some((at) => at > from && at <= to)) deaths = 0;
    lookedAt = clock.now();
  }

  return {
    lost(ageMs) {
      look();
      deaths = ageMs < YOUNG_MS ? deaths + 1 : 0;
      return deaths > 0;
    },
    delayMs() {
      look();
      return deaths === 0 ? 0 : fullJitter(deaths, bounds, clock.random());
    },
  };
}
