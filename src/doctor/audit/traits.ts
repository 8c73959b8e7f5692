import type { ClientRow } from '../client-list/row.js';

/** Whether it waits for messages. */
export function isSubscriber({ flags, sub, psub, ssub }: ClientRow): boolean {
  return flags.includes('P') || sub + psub + ssub > 0;
}

/** Whether it is silent by right: blocked, subscribed, in MULTI, MONITOR. */
export function mayBeSilent(row: ClientRow): boolean {
  return /[bxO]/.test(row.flags) || row.multi >= 0 || isSubscriber(row);
}

/** A handshake with TLS, AUTH and a ready check over a slow line, and `age` and `idle` cut to whole seconds. */
const HANDSHAKE_SECONDS = 3;

/** Whether nothing has been said over it since it was made. */
export function isSilentSinceMade({ age, idle }: ClientRow): boolean {
  return age - idle <= HANDSHAKE_SECONDS;
}

/** Whether it has not been used since it was made, and is not silent by right. */
export function isLeft(row: ClientRow): boolean {
  return isSilentSinceMade(row) && !mayBeSilent(row);
}

/** Younger connections may still be about to be used. */
export const SETTLED_SECONDS = 5;
