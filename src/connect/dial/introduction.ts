/** Refusals in a row after which a connection is opened without its introduction. */
const MAX_REFUSALS = 2;

/** The same for a server that has taken an introduction before: it rather has a fault now, and its names are wanted. */
const MAX_REFUSALS_ONCE_ACCEPTED = 6;

/** Time after which a server that refuses introductions is tried with one again, as its proxy may be gone. */
const RETRY_AFTER_MS = 600_000;

/**
 * Whether the connections to one server introduce themselves: by their name, and by our questions for their id and the
 * server. Some proxies close a connection at CLIENT or INFO, which the application itself may never send.
 */
export class Introduction {
  #maxRefusals = MAX_REFUSALS;
  #refusals = 0;
  #retryAt = 0;

  /** Whether the server is one that refuses introductions, and is not yet to be tried again. */
  isRefused(now: number): boolean {
    return this.#refusals >= this.#maxRefusals && now < this.#retryAt;
  }

  /** Whether the next connection should do without. */
  isSkipped(now: number): boolean {
    if (this.isRefused(now)) return true;
    this.#refusals = Math.min(this.#refusals, this.#maxRefusals - 1);
    return false;
  }

  /** A connection with an introduction has finished its handshake. */
  onAccepted(): void {
    this.#maxRefusals = MAX_REFUSALS_ONCE_ACCEPTED;
    this.#refusals = 0;
  }

  /** The server has closed a connection in its handshake. If it had no introduction, that was not the reason. */
  onClosed(wasIntroduced: boolean, now: number): void {
    this.#refusals = wasIntroduced ? this.#refusals + 1 : 0;
    this.#retryAt = now + RETRY_AFTER_MS;
  }
}
