import type { Clock } from '../core/clock.js';
import type { Loan } from './lease.js';

export interface SweeperPorts {
  readonly clock: Clock;
  /** After how long a lease is overdue; 0 never. */
  readonly warnMs: number;
  /** After how long it is ended by force; 0 never. */
  readonly maxMs: number;
  /** The leases at present. */
  readonly loans: () => readonly Loan[];
  readonly onOverdue: (loan: Loan) => void;
  readonly onExpired: (loan: Loan) => void;
}

export interface Sweeper {
  /** A lease begins: it will be looked at in time. */
  arm(): void;
  stop(): void;
}

/** For a pool whose leases may last for ever. */
const IDLE: Sweeper = { arm: () => undefined, stop: () => undefined };

/**
 * Finds the leases that last too long. One timer for all of them, set while something is lent, to the moment when
 * the first of them is due: a lease costs one look at whether it is set.
 */
export function createSweeper(ports: SweeperPorts): Sweeper {
  const { clock, warnMs, maxMs } = ports;
  if (warnMs === 0 && maxMs === 0) return IDLE;
  let timer: { cancel(): void } | undefined;
  /** No lease that begins later is due earlier than this. */
  const soonestMs = Math.min(warnMs || Infinity, maxMs || Infinity);

  /** When a lease is to be looked at next. */
  function dueAt({ since, isOverdue }: Loan): number {
    const warnAt = isOverdue ? Infinity : since + (warnMs || Infinity);
    return Math.min(warnAt, since + (maxMs || Infinity));
  }

  function look(loan: Loan): void {
    const heldMs = clock.now() - loan.since;
    if (!loan.isOverdue && heldMs >= (warnMs || Infinity)) ports.onOverdue(loan);
    if (heldMs >= (maxMs || Infinity)) ports.onExpired(loan);
  }

  function sweep(): void {
    timer = undefined;
    ports.loans().forEach(look);
    const next = Math.min(...ports.loans().map(dueAt));
    if (next < Infinity) set(Math.min(next - clock.now(), soonestMs));
  }

  function set(ms: number): void {
    timer = clock.after(Math.max(1, ms), sweep);
  }

  return {
    arm() {
      if (!timer) set(soonestMs);
    },
    stop: () => timer?.cancel(),
  };
}
