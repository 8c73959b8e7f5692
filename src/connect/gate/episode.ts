import { afterRefusal } from '../../core/backoff.js';

/** How a full server was found: by its own words in a handshake, or by a silent connection. */
export type Found = 'text' | 'probe';

/** A server that has let someone in and refused nobody for so long is full anew, and not still. */
const CALM_MS = 60_000;

/** The time in which a server is full, also where it lets in one or the other now and then. */
export class Episode {
  /** Whether the server has let anyone in since it was found full last. */
  hasLetIn = true;
  found: Found = 'text';
  #attempt = 0;
  #fullAt = -Infinity;
  /** The houses that know of it. */
  readonly #told = new Set<object>();

  /** Whether a server that is full now is full anew. */
  isLongAgo(now: number): boolean {
    return now - this.#fullAt >= CALM_MS;
  }

  /** The server was found full. Gives the milliseconds until it is asked again. */
  full(found: Found, now: number, random: number): number {
    if (this.hasLetIn && this.isLongAgo(now)) {
      this.#attempt = 0;
      this.#told.clear();
    }
    this.#attempt += 1;
    this.#fullAt = now;
    this.found = found;
    this.hasLetIn = false;
    return afterRefusal(this.#attempt, random);
  }

  /** One visitor for each house that does not know of it yet. It does from now on. */
  *unaware<Visitor extends { readonly house: object }>(visitors: Iterable<Visitor>): Generator<Visitor> {
    for (const visitor of visitors) {
      if (this.#told.has(visitor.house)) continue;
      this.#told.add(visitor.house);
      yield visitor;
    }
  }
}
