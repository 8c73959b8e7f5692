import { HygieneError } from '../core/errors.js';
import { type LeaseReport, tellHolders } from './report.js';

/** What a pool says of itself to who gets nothing. */
export interface Exhaustion {
  readonly pool: string;
  readonly max: number;
  /** Connections that are ready. */
  readonly size: number;
  readonly waiting: number;
  /** Longest first. */
  readonly holders: readonly LeaseReport[];
  /** Why the last dial brought no connection. */
  readonly failure: Error | undefined;
}

/** Says who holds the connections. Where there are fewer than there could be, the cause says why. */
function exhausted(
  code: 'HYG_ACQUIRE_TIMEOUT' | 'HYG_POOL_FULL',
  what: string,
  { failure, ...details }: Exhaustion,
): HygieneError {
  const { size, max, holders } = details;
  const cause = failure && size < max ? { cause: failure } : {};
  return new HygieneError(code, `${what} ${tellHolders(holders, max)}`, { details, ...cause });
}

export function timedOut(acquireTimeoutMs: number, found: Exhaustion): HygieneError {
  const what = `The pool ${found.pool} had no connection to lend within ${acquireTimeoutMs} ms.`;
  return exhausted('HYG_ACQUIRE_TIMEOUT', what, found);
}

export function full(maxWaiting: number, found: Exhaustion): HygieneError {
  const what = `${maxWaiting} callers wait for the pool ${found.pool} already.`;
  return exhausted('HYG_POOL_FULL', what, found);
}

export function closed(pool: string): HygieneError {
  const what = `The pool ${pool} is closed and lends nothing.`;
  return new HygieneError('HYG_POOL_CLOSED', what, { details: { pool } });
}
