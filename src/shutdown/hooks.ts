import closeWithGrace from 'close-with-grace';
import { systemClock } from '../core/clock.js';
import { createDeadline } from '../core/deadline.js';
import { checkInteger, checkNames, wrongType } from '../options/check.js';
import { runBefore, type Before, type BeforeOutcome } from './before.js';
import { onShutdownMessage } from './message.js';
import type { ShutdownReport } from './report.js';

/** What can be shut down: a factory. */
export interface ShutsDown {
  shutdown(options: { timeoutMs: number }): Promise<ShutdownReport>;
}

/** A shutdown that a signal began. */
export interface HookReport extends ShutdownReport {
  /** The signal, or `undefined` for PM2's message and for `close()`. */
  readonly signal: string | undefined;
  /** How the `before` step went; it never keeps Redis from being closed. */
  readonly before: BeforeOutcome;
  /** Why it failed, if it did. */
  readonly beforeError: unknown;
}

export interface ShutdownHookOptions {
  /** Signals that begin the shutdown. @default ['SIGTERM', 'SIGINT'] */
  readonly signals?: readonly closeWithGrace.Signals[];
  /**
   * The whole time from the signal to the exit, in milliseconds, 200 to 600 000. At most half of it is for `before`.
   * @default 10000, as in close-with-grace
   */
  readonly timeoutMs?: number;
  /** Stopped first: an HTTP server, anything with `close()`, or a function. */
  readonly before?: Before;
  /** Hears what was done, just before the process exits. May be asynchronous. */
  readonly onReport?: (report: HookReport) => unknown;
}

/** Installed hooks. */
export interface ShutdownHooks {
  /** Begins the shutdown as a signal would, and exits. */
  close(): void;
  /** Removes all handlers. */
  uninstall(): void;
}

const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGUSR2',
  'SIGTERM',
] as const satisfies readonly closeWithGrace.Signals[];

/** Everything that close-with-grace would listen to; what is not asked for is skipped. */
const ALL_EVENTS: readonly closeWithGrace.AllEvents[] = [
  ...SIGNALS,
  'uncaughtException',
  'unhandledRejection',
  'beforeExit',
];

/** The process is killed this long after the deadline, should something block the event loop. */
const NET_MS = 250;

function checkSignals(signals: readonly closeWithGrace.Signals[]): typeof signals {
  if (!(signals instanceof Array)) throw wrongType('signals', signals, 'an array of signals');
  const known: readonly unknown[] = SIGNALS;
  const odd = signals.findIndex((signal) => !known.includes(signal));
  if (odd >= 0) throw wrongType('signals', signals[odd], `signals such as SIGTERM: ${SIGNALS.join(', ')}`);
  return signals;
}

function isClosable(value: object): boolean {
  return 'close' in value && typeof value.close === 'function';
}

function checkOptions(
  options: ShutdownHookOptions,
): Required<Pick<ShutdownHookOptions, 'signals' | 'timeoutMs'>> {
  checkNames('installShutdownHooks', options, ['signals', 'timeoutMs', 'before', 'onReport']);
  const { signals = ['SIGTERM', 'SIGINT'], timeoutMs = 10_000, before, onReport } = options;
  const runs = before === undefined || typeof before === 'function' || isClosable(Object(before) as object);
  if (!runs) throw wrongType('before', before, 'a function, or something with close()');
  if (onReport !== undefined && typeof onReport !== 'function') {
    throw wrongType('onReport', onReport, 'a function');
  }
  return {
    signals: checkSignals(signals),
    timeoutMs: checkInteger('timeoutMs', timeoutMs, { min: 200, max: 600_000, unit: 'ms' }),
  };
}

async function stopBefore(
  before: Before | undefined,
  ms: number,
): Promise<Pick<HookReport, 'before' | 'beforeError'>> {
  if (!before) return { before: 'none', beforeError: undefined };
  const work = runBefore(before);
  if ((await createDeadline(systemClock, ms).race(work)) === 'late')
    return { before: 'late', beforeError: undefined };
  return work.then(
    () => ({ before: 'done', beforeError: undefined }),
    (beforeError: unknown) => ({ before: 'failed', beforeError }),
  );
}

/**
 * Shuts the factory down when the process is told to stop: on the signals, and on PM2's `shutdown` message. Then
 * the process exits: with 0, or with 1 if `before` failed or was late. A second signal exits with 1 at once.
 * Nothing else in redis-hygiene installs a handler.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function installShutdownHooks(factory: ShutsDown, options: ShutdownHookOptions = {}): ShutdownHooks {
  const { signals, timeoutMs } = checkOptions(options);
  const skip = ALL_EVENTS.filter(
    (event) => !(signals as readonly closeWithGrace.AllEvents[]).includes(event),
  );

  async function stop({ signal }: { signal?: string }): Promise<void> {
    const deadline = createDeadline(systemClock, timeoutMs);
    const before = await stopBefore(options.before, timeoutMs / 2);
    const report = await factory.shutdown({ timeoutMs: Math.max(100, Math.floor(deadline.remainingMs())) });
    await options.onReport?.({ ...report, signal, ...before });
    if (before.before === 'late' || before.before === 'failed')
      throw new Error(`The before step ${before.before}.`);
  }

  const grace = closeWithGrace({ delay: timeoutMs + NET_MS, logger: null, skip }, stop);
  const removeMessage = onShutdownMessage(grace.close);
  return {
    close: grace.close,
    uninstall() {
      grace.uninstall();
      removeMessage();
    },
  };
}
