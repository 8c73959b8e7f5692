import { type Clock, createDeadline } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import type { ClosableEntry } from '../ledger/ledger.js';
import { checkInteger } from '../options/check-options.js';
import { settingTable } from '../options/settings.js';
import type { LeaseReport, PoolReport } from '../pool/pool-report.js';
import { drain } from './drain.js';
import { type ShutdownReport, addPoolReports } from './shutdown-plan.js';

/** Options of `shutdown()`. */
export interface ShutdownOptions {
  /**
   * Maximum time for the shutdown, in milliseconds, 100 to 300 000.
   * @default the factory's shutdownTimeoutMs (5000)
   */
  readonly timeoutMs?: number | undefined;
}

/** An open pool, as the shutdown sees it. */
interface ClosablePool {
  readonly pool: { close(options: { readonly timeoutMs: number }): Promise<PoolReport> };
  /** The current leases. Once the pool has ended those that were not released in time, it is these. */
  leases(): readonly LeaseReport[];
}

export interface ShutdownPorts {
  readonly clock: Clock;
  readonly entries: () => readonly ClosableEntry[];
  readonly pools: () => readonly ClosablePool[];
  readonly defaultTimeoutMs: number;
  /** Called once, after everything is closed. */
  readonly onDone: (report: ShutdownReport) => void;
}

/** The shutdown of a factory. It begins once, and cannot be undone. */
export interface Shutdown {
  /** Whether shutdown() has not begun. */
  readonly isOpen: () => boolean;
  /** @throws HygieneError `HYG_SHUT_DOWN` once shutdown() has begun */
  readonly assertOpen: () => void;
  /** Runs once. Later calls return the same promise. */
  readonly shutdown: (options?: ShutdownOptions) => Promise<ShutdownReport>;
}

/** The share of the timeout in which leases may be released. Connections that their work needs stay open so long. */
const LEASE_SHARE = 0.6;

/** The share of the timeout in which pools are closed. Connections that they leave open are drained afterwards. */
const POOL_SHARE = 0.8;

export function createShutdown(ports: ShutdownPorts): Shutdown {
  const { clock, entries, pools, defaultTimeoutMs, onDone } = ports;
  let closing: Promise<ShutdownReport> | undefined;

  /** Returns the reports of the pools. One that has not closed in time reports its leases; its connections are drained. */
  async function closePools(open: readonly ClosablePool[], limitMs: number): Promise<readonly PoolReport[]> {
    const reports = new Map<ClosablePool, PoolReport>();
    const timeoutMs = Math.floor(limitMs * LEASE_SHARE);
    const closed = open.map(async (one) => reports.set(one, await one.pool.close({ timeoutMs })));
    await createDeadline(clock, limitMs * POOL_SHARE).race(Promise.all(closed));
    return open.map((one) => reports.get(one) ?? { closed: 0, forced: 0, leases: one.leases() });
  }

  async function close(timeoutMs: number): Promise<ShutdownReport> {
    const start = clock.now();
    const deadline = createDeadline(clock, timeoutMs);
    const open = pools();
    const poolReports = open.length > 0 ? await closePools(open, timeoutMs) : [];
    const drained = await drain({ clock, entries }, deadline.remainingMs());
    const report = addPoolReports({ ...drained, timeoutMs, durationMs: clock.now() - start }, poolReports);
    onDone(report);
    return report;
  }

  return {
    isOpen: () => closing === undefined,
    assertOpen() {
      if (closing)
        throw new HygieneError(
          'HYG_SHUT_DOWN',
          'The factory is shutting down and does not open new connections.',
        );
    },
    shutdown({ timeoutMs = defaultTimeoutMs } = {}) {
      checkInteger('timeoutMs', timeoutMs, settingTable.shutdownTimeoutMs);
      return (closing ??= close(timeoutMs));
    },
  };
}
