import { type Clock, createDeadline } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import type { LedgerEntry } from '../ledger/ledger.js';
import { checkInteger } from '../options/check-options.js';
import { settingTable } from '../options/settings.js';
import type { PoolReport } from '../pool/pool-report.js';
import { drain } from './drain.js';
import { type ShutdownReport, withPools } from './shutdown-plan.js';

/** Options of one shutdown. */
export interface ShutdownOptions {
  /**
   * How long it may take, in milliseconds, 100 to 300 000.
   * @default the factory's shutdownTimeoutMs (5000)
   */
  readonly timeoutMs?: number;
}

/** A pool, as far as it is closed here. */
interface Drainable {
  close(options: { readonly timeoutMs: number }): Promise<PoolReport>;
}

/** The part of the deadline that leases may take to come back: what their work needs is still open then. */
const LEASE_SHARE = 0.6;

/** The part in which pools are to be closed. What they have left open then is closed with everything else. */
const POOL_SHARE = 0.8;

export interface ShutdownPorts {
  readonly clock: Clock;
  readonly entries: () => readonly LedgerEntry[];
  readonly pools: () => readonly Drainable[];
  readonly defaultTimeoutMs: number;
  /** Called once, when everything is closed. */
  readonly onDone: (report: ShutdownReport) => void;
}

/** The one-way door of a factory: open until shutdown() is called. */
export interface Shutdown {
  readonly isOpen: () => boolean;
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly admit: () => void;
  /** Runs once; later calls get the same promise. */
  readonly shutdown: (options?: ShutdownOptions) => Promise<ShutdownReport>;
}

export function createShutdown(ports: ShutdownPorts): Shutdown {
  const { clock, entries, pools, defaultTimeoutMs, onDone } = ports;
  let closing: Promise<ShutdownReport> | undefined;

  /** Gives the reports of those that have closed in time. */
  async function closePools(open: readonly Drainable[], limitMs: number): Promise<readonly PoolReport[]> {
    const reports: PoolReport[] = [];
    const timeoutMs = Math.floor(limitMs * LEASE_SHARE);
    const closing = open.map(async (pool) => reports.push(await pool.close({ timeoutMs })));
    await createDeadline(clock, limitMs * POOL_SHARE).race(Promise.all(closing));
    return reports;
  }

  async function close(timeoutMs: number): Promise<ShutdownReport> {
    const start = clock.now();
    const deadline = createDeadline(clock, timeoutMs);
    const open = pools();
    const closed = open.length > 0 ? await closePools(open, timeoutMs) : [];
    const drained = await drain({ clock, entries }, deadline.remainingMs());
    const report = withPools({ ...drained, timeoutMs, durationMs: clock.now() - start }, closed);
    onDone(report);
    return report;
  }

  return {
    isOpen: () => closing === undefined,
    admit() {
      if (closing)
        throw new HygieneError('HYG_SHUT_DOWN', 'The factory is shutting down and opens no connection.');
    },
    shutdown({ timeoutMs = defaultTimeoutMs } = {}) {
      checkInteger('timeoutMs', timeoutMs, settingTable.shutdownTimeoutMs);
      return (closing ??= close(timeoutMs));
    },
  };
}
