import type { Clock } from '../../core/clock.js';
import { isServerFullReply } from '../../core/errors.js';
import { refusalDelayMs } from '../../core/backoff.js';
import { openSocket } from './open-socket.js';

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

/** Address of a server's end of a socket, to which a probe connects. */
export type PeerAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** Result of a probe. `unknown`: neither the reply of a full server nor silence, but for example a closed connection. */
export type ProbeResult = 'full' | 'available' | 'unknown';

/** Tests over a connection that sends nothing whether a server accepts connections. Never rejects. */
export type FullServerProbe = (address: PeerAddress) => Promise<ProbeResult>;

/**
 * Limit for the connection to come up, and time of silence after which the server counts as available. A full server
 * refuses in its first turn of the event loop, one round trip later (measured 200 times of 200).
 */
const PROBE_TIMEOUT_MS = 500;

/**
 * Creates a probe. A full Redis writes "-ERR max number of clients reached" and closes. A client that has written
 * anything by then receives a reset in place of this text, so only a connection that sends nothing is sure to see it. A result
 * is known when the connection has closed, on an available server by the server: the dials that wait for it would otherwise
 * be one socket too many.
 */
export function createFullServerProbe({ after }: Pick<Clock, 'after'>): FullServerProbe {
  return (address) =>
    new Promise((resolve) => {
      let result: ProbeResult = 'unknown';
      const socket = openSocket(address).unref();
      const destroy = () => void socket.destroy();
      let timer = after(PROBE_TIMEOUT_MS, destroy);
      function restartTimer(task: () => void): void {
        timer.cancel();
        timer = after(PROBE_TIMEOUT_MS, task);
      }
      function finishAsAvailable(): void {
        result = 'available';
        socket.end();
        restartTimer(destroy);
      }
      socket.once('connect', () => restartTimer(finishAsAvailable));
      socket.once('data', (reply) => {
        result = isServerFullReply(reply) ? 'full' : 'unknown';
        destroy();
      });
      socket.on('error', () => undefined); // the close follows
      socket.once('close', () => {
        timer.cancel();
        resolve(result);
      });
    });
}
