import { HygieneError } from '../core/errors.js';

/** Why a connection is gone for good. The first reason wins. */
export const closeReasons = {
  application: 'The application called quit() or disconnect().',
  pool: 'Its pool closed it: idle, too old, not clean, or no longer wanted.',
  shutdown: 'The factory’s shutdown() closed it.',
  'gave-up': 'It was lost or never came up, and the retry strategy says to stop.',
  lost: 'Its socket closed, and the client belongs to a library: it may dial again, as a new connection.',
} as const;

export type CloseReason = keyof typeof closeReasons;

/**
 * The state of a connection. `connected` means that TCP (and TLS) is up; `ready` that the handshake is done;
 * `waiting` that there is no socket now and the client will dial again.
 */
export type ConnectionState =
  | { readonly kind: 'dialling' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'closed'; readonly reason: CloseReason };

export type StateKind = ConnectionState['kind'];

/**
 * The moves. `waiting` is behind every loss, so a second socket can only be dialled when the first is gone.
 *
 *     dialling → connected → ready
 *        ↑  ↘        ↓      ↙
 *        └────── waiting           every state → closed
 */
const moves: Readonly<Record<StateKind, readonly StateKind[]>> = {
  dialling: ['connected', 'waiting', 'closed'],
  connected: ['ready', 'waiting', 'closed'],
  ready: ['waiting', 'closed'],
  waiting: ['dialling', 'closed'],
  closed: [],
};

/** @throws HygieneError `HYG_ILLEGAL_MOVE` */
export function checkMove(from: StateKind, to: StateKind): void {
  if (moves[from].includes(to)) return;
  throw new HygieneError('HYG_ILLEGAL_MOVE', `A connection cannot go from "${from}" to "${to}".`, {
    details: { from, to, allowed: moves[from] },
  });
}
