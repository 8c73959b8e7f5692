import { connect, type Socket } from 'node:net';
import { afterRefusal } from '../../core/backoff.js';
import type { Clock } from '../../core/clock.js';
import { saysFull } from '../ioredis/connection-errors.js';

/** How a full server was found: by its own words in a handshake, or by a silent connection. */
export type DetectedBy = 'text' | 'probe';

/** A server that has let someone in and refused nobody for so long is full anew, and not still. */
const CALM_MS = 60_000;

/** The time in which a server is full, also where it lets in one or the other now and then. */
export class Saturation {
  /** Whether the server has let anyone in since it was found full last. */
  hasLetIn = true;
  found: DetectedBy = 'text';
  #attempt = 0;
  #fullAt = -Infinity;
  /** The houses that know of it. */
  readonly #told = new Set<object>();

  /** Whether a server that is full now is full anew. */
  isLongAgo(now: number): boolean {
    return now - this.#fullAt >= CALM_MS;
  }

  /** The server was found full. Gives the milliseconds until it is asked again. */
  full(found: DetectedBy, now: number, random: number): number {
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
  *unaware<Visitor extends { readonly factory: object }>(visitors: Iterable<Visitor>): Generator<Visitor> {
    for (const visitor of visitors) {
      if (this.#told.has(visitor.factory)) continue;
      this.#told.add(visitor.factory);
      yield visitor;
    }
  }
}

/** Where a server is asked silently: the far end of a socket that it has closed. */
export type PeerAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** What a silent connection has brought: the refusal, silence, or an end without a word. */
export type ProbeResult = 'full' | 'room' | 'else';

/** Asks a server whether it takes connections, by a connection that says nothing. Never rejects. */
export type Probe = (where: PeerAddress) => Promise<ProbeResult>;

/**
 * How long the connection may take to come up, and how long the server may then leave it in silence. A full one says
 * so with its first turn of the event loop: a round trip, measured 200 times of 200.
 */
const PATIENCE_MS = 500;

/**
 * A full Redis writes "-ERR max number of clients reached" and closes. Whoever has written to it by then gets a reset
 * in the place of this text, so only a socket that says nothing is sure to see it.
 */
export function createProbe({ after }: Pick<Clock, 'after'>): Probe {
  return (where) =>
    new Promise((resolve) => {
      const socket: Socket = connect(where).unref();
      let timer = after(PATIENCE_MS, () => end('else'));
      const end = (verdict: ProbeResult) => {
        timer.cancel();
        socket.destroy();
        resolve(verdict);
      };
      socket.once('connect', () => {
        timer.cancel();
        timer = after(PATIENCE_MS, () => end('room'));
      });
      socket.once('data', (said) => end(saysFull(said) ? 'full' : 'else'));
      socket.on('error', () => end('else'));
      socket.once('close', () => end('else'));
    });
}
