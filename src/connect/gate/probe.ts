import { connect, type Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { saysFull } from '../refusal.js';

/** Where a server is asked silently: the far end of a socket that it has closed. */
export type Whereabouts = { readonly host: string; readonly port: number } | { readonly path: string };

/** What a silent connection has brought: the refusal, silence, or an end without a word. */
export type Verdict = 'full' | 'room' | 'else';

/** Asks a server whether it takes connections, by a connection that says nothing. Never rejects. */
export type Probe = (where: Whereabouts) => Promise<Verdict>;

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
      const end = (verdict: Verdict) => {
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
