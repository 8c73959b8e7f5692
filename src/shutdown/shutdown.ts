import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import type { LedgerEntry } from '../ledger/ledger.js';
import { checkInteger } from '../options/check.js';
import { settingTable } from '../options/defaults.js';
import { drain } from './drain.js';
import type { ShutdownReport } from './report.js';

/** Options of one shutdown. */
export interface ShutdownOptions {
  /**
   * How long it may take, in milliseconds, 100 to 300 000.
   * @default the factory's shutdownTimeoutMs (5000)
   */
  readonly timeoutMs?: number;
}

export interface ShutdownPorts {
  readonly clock: Clock;
  readonly entries: () => readonly LedgerEntry[];
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

export function createShutdown({ clock, entries, defaultTimeoutMs, onDone }: ShutdownPorts): Shutdown {
  let closing: Promise<ShutdownReport> | undefined;

  async function close(timeoutMs: number): Promise<ShutdownReport> {
    const report = await drain({ clock, entries }, timeoutMs);
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
