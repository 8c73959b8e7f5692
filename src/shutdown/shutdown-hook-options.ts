import { HygieneError } from '../core/errors.js';
import { checkInteger, checkOptionNames, optionTypeError } from '../options/check-options.js';
import { type Before, isBefore } from './before-steps.js';
import { SIGNALS, type ShutdownSignal } from './process-hooks.js';
import type { ShutdownReport } from './shutdown-plan.js';

/** Options of `installShutdownHooks()`. */
export interface ShutdownHookOptions {
  /** Signals that begin the shutdown. @default ['SIGTERM', 'SIGINT'] */
  readonly signals?: readonly ShutdownSignal[] | undefined;
  /**
   * Maximum time from the signal to the exit, in milliseconds, 100 to 600 000, and at least 100 above `shutdownDelayMs`.
   * Of what remains after that delay `before` may take half, or 5000 ms if this option is not set.
   * @default the factory's shutdownTimeoutMs, plus 5000 if there is a `before`, plus shutdownDelayMs
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Time from the signal until `before` begins, in milliseconds, 0 to 120 000. `health()` is `down` meanwhile, so that a
   * load balancer notices, and requests are answered as before.
   * @default 0
   */
  readonly shutdownDelayMs?: number | undefined;
  /**
   * What to stop before the connections to Redis: an HTTP server, anything with `close()`, a function, or a list of those.
   * The items of a list are stopped one after the other, the last one first. The list is read when the shutdown begins, and
   * again after each item: what is added later is stopped too.
   */
  readonly before?: Before | undefined;
  /** Called with the result just before the process exits. May be asynchronous. */
  readonly onReport?: ((report: HookReport) => unknown) | undefined;
}

/** The result of `before`. `none`: there was no step. `late`: the steps did not finish in time. */
export type BeforeOutcome = 'none' | 'done' | 'late' | 'failed';

/** The result of a shutdown that hooks have run. */
export interface HookReport extends ShutdownReport {
  /** The signal, or `undefined` for PM2's message and for `close()`. */
  readonly signal: string | undefined;
  /** The result of `before`. The connections to Redis are closed in any case. */
  readonly before: BeforeOutcome;
  /** The error of `before`, if it failed. */
  readonly beforeError: unknown;
}

/** Default time for `before`. Together with the default of shutdownTimeoutMs, it is close-with-grace's 10 s. */
const DEFAULT_BEFORE_MS = 5_000;

/** The least time that a shutdown has after its delay, in milliseconds. */
const MIN_TIMEOUT_MS = 100;

/** The options of hooks, checked and completed with defaults. */
export interface CheckedHookOptions {
  readonly signals: readonly ShutdownSignal[];
  readonly timeoutMs: number;
  readonly shutdownDelayMs: number;
  /** The part of `timeoutMs` that `before` may take. */
  readonly beforeMs: number;
}

/** @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE` */
export function checkHookOptions(
  options: ShutdownHookOptions,
  shutdownTimeoutMs: number,
): CheckedHookOptions {
  const names = ['signals', 'timeoutMs', 'shutdownDelayMs', 'before', 'onReport'];
  checkOptionNames('installShutdownHooks', options, names);
  checkCallables(options);
  const { signals = ['SIGTERM', 'SIGINT'], shutdownDelayMs = 0 } = options;
  checkSignals(signals);
  checkInteger('shutdownDelayMs', shutdownDelayMs, { min: 0, max: 120_000, unit: 'ms' });
  const defaultTimeoutMs = shutdownDelayMs + shutdownTimeoutMs + (options.before ? DEFAULT_BEFORE_MS : 0);
  const { timeoutMs = defaultTimeoutMs } = options;
  checkInteger('timeoutMs', timeoutMs, { min: MIN_TIMEOUT_MS, max: 600_000, unit: 'ms' });
  checkDelay(shutdownDelayMs, timeoutMs);
  const beforeMs = options.timeoutMs === undefined ? DEFAULT_BEFORE_MS : (timeoutMs - shutdownDelayMs) / 2;
  return { signals, timeoutMs, shutdownDelayMs, beforeMs };
}

function checkDelay(shutdownDelayMs: number, timeoutMs: number): void {
  if (shutdownDelayMs + MIN_TIMEOUT_MS <= timeoutMs) return;
  throw new HygieneError(
    'HYG_OPTION_RANGE',
    `Option "shutdownDelayMs" is ${shutdownDelayMs} ms, and "timeoutMs", which contains it, is ${timeoutMs} ms. ` +
      `Expected a timeout that leaves at least ${MIN_TIMEOUT_MS} ms for the shutdown: ` +
      `set timeoutMs to ${shutdownDelayMs + MIN_TIMEOUT_MS} or more, or leave it out.`,
    { details: { option: 'shutdownDelayMs', value: shutdownDelayMs, max: timeoutMs - MIN_TIMEOUT_MS } },
  );
}

function checkCallables({ before, onReport }: ShutdownHookOptions): void {
  if (before !== undefined && !isBefore(before)) {
    throw optionTypeError('before', before, 'a function, something with close(), or a list of those');
  }
  if (onReport !== undefined && typeof onReport !== 'function') {
    throw optionTypeError('onReport', onReport, 'a function');
  }
}

function checkSignals(signals: readonly ShutdownSignal[]): void {
  if (!(signals instanceof Array)) throw optionTypeError('signals', signals, 'an array of signals');
  const known: readonly unknown[] = SIGNALS;
  const unknownIndex = signals.findIndex((signal) => !known.includes(signal));
  if (unknownIndex >= 0) {
    throw optionTypeError('signals', signals[unknownIndex], `signals such as SIGTERM: ${SIGNALS.join(', ')}`);
  }
}
