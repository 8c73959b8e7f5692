import { refusalDelayMs } from '../../core/backoff.js';

/** How a full server was detected. `reply`: its reply in a handshake. `probe`: a silent connection. */
export type DetectedBy = 'reply' | 'probe';

/** A server that has admitted a client and refused none for this long is no longer saturated. */
const MIN_CALM_MS = 60_000;

/** The period in which one server is full. It may admit single clients in the meantime. */
export class Saturation {
  /** Whether the server has admitted a client since it was last found full. */
  hasAdmitted = true;
  detectedBy: DetectedBy = 'reply';
  /** Number of times in a row that the server was found full. */
  #attempt = 0;
  #lastFullAt = -Infinity;
  /** Factories that have been notified of this saturation. */
  readonly #notifiedFactories = new Set<object>();

  /** Whether the server was last found full so long ago that the next time begins a new saturation. */
  isExpired(now: number): boolean {
    return now - this.#lastFullAt >= MIN_CALM_MS;
  }

  /** Records that the server was found full. Returns the delay until the next probe, in milliseconds. */
  onServerFull(detectedBy: DetectedBy, now: number, random: number): number {
    if (this.hasAdmitted && this.isExpired(now)) {
      this.#attempt = 0;
      this.#notifiedFactories.clear();
    }
    this.#attempt += 1;
    this.#lastFullAt = now;
    this.detectedBy = detectedBy;
    this.hasAdmitted = false;
    return refusalDelayMs(this.#attempt, random);
  }

  /** Yields one dial for each factory that has not been notified yet, and counts the factory as notified. */
  *takeUnnotified<Dial extends { readonly factory: object }>(dials: Iterable<Dial>): Generator<Dial> {
    for (const dial of dials) {
      if (this.#notifiedFactories.has(dial.factory)) continue;
      this.#notifiedFactories.add(dial.factory);
      yield dial;
    }
  }
}
