/** Refusals in a row after which a connection is opened without its introduction. */
const MAX_REFUSALS = 2;

/** Time after which a server that refuses introductions is tried with one again, as its proxy may be gone. */
const RETRY_AFTER_MS = 600_000;

/**
 * Whether the connections to one server introduce themselves: by their name, and by our questions for their id and the
 * server. Some proxies close a connection at CLIENT or INFO, which the application itself may never send.
 */
export class Introduction {
  #refusals = 0;
  #retryAt = 0;

  /** Whether the next connection should do without. */
  isSkipped(now: number): boolean {
    if (this.#refusals < MAX_REFUSALS) return false;
    if (now < this.#retryAt) return true;
    this.#refusals = MAX_REFUSALS - 1;
    return false;
  }

  /** The server has closed a connection in its handshake. If it had no introduction, that was not the reason. */
  onClosed(wasIntroduced: boolean, now: number): void {
    this.#refusals = wasIntroduced ? this.#refusals + 1 : 0;
    this.#retryAt = now + RETRY_AFTER_MS;
  }
}
