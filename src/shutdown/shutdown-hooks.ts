import { createDeadline, systemClock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import { processWide } from '../core/process-wide.js';
import { optionTypeError } from '../options/check-options.js';
import { type HookRun, type ProcessHook, processHooks } from './process-hooks.js';
import { announceStop, type Before, isEmpty, nameOfStep, runBefore, watchServers } from './before-steps.js';
import { holdNestHandlers } from './nest-signal-handlers.js';
import {
  checkHookOptions,
  type CheckedHookOptions,
  type HookReport,
  type ShutdownHookOptions,
} from './shutdown-hook-options.js';
import type { ShutdownReport } from './shutdown-plan.js';

/** The object that hooks shut down: a factory. */
export interface ShutdownTarget {
  readonly settings: { readonly shutdownTimeoutMs: number };
  shutdown(options: { timeoutMs: number }): Promise<ShutdownReport>;
}

/** Settings of the targets whose hooks have begun: their process is told to stop, and their `before` steps run. */
const stoppingTargets = processWide('stopping targets', () => new WeakSet<object>());

/** Who waits for hooks to begin, by the settings of their target. */
const stopListeners = processWide('stop listeners', () => new WeakMap<object, (() => void)[]>());

/** Where the failures of hooks are told, by the settings of their target: a factory emits `error` events. */
export const targetFailures = processWide(
  'failures of hooks',
  () => new WeakMap<object, (error: HygieneError) => void>(),
);

/** Whether the hooks of the target with these settings have begun. */
export function isStopping(settings: object): boolean {
  return stoppingTargets.has(settings);
}

/** Resolves when the hooks of the target with these settings begin. */
export function whenStopping(settings: object): Promise<void> {
  if (isStopping(settings)) return Promise.resolve();
  return new Promise((resolve) => {
    stopListeners.set(settings, [...(stopListeners.get(settings) ?? []), resolve]);
  });
}

/** Installed hooks. */
export interface ShutdownHooks {
  /** Begins the shutdown as a signal does, and ends the process. */
  close(): void;
  /** Removes these hooks. The handlers of the process are removed with the last hooks. */
  uninstall(): void;
}

/**
 * Shuts the factory down when the process is told to stop: by one of the signals, or by PM2's `shutdown` message.
 * Afterwards the process exits with code 0, or with 1 if `before` failed or was late. A second signal exits with 1 at
 * once, unless a handler of the program has raised the first one again, as that of Nest does. No other part of redis-hygiene
 * installs a handler.
 *
 * All hooks of a process run together, whichever signal comes, and the process exits when the last one is done: first
 * the `before` steps of all hooks, then the shutdowns of all factories.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function installShutdownHooks(
  factory: ShutdownTarget,
  options: ShutdownHookOptions = {},
): ShutdownHooks {
  return installHooks(factory, options, { endsProcess: true });
}

/** Installs hooks that leave the end of the process to the program, if it handles the signal too. */
export function installYieldingHooks(factory: ShutdownTarget, options: ShutdownHookOptions): ShutdownHooks {
  return installHooks(factory, options, { endsProcess: false });
}

function installHooks(
  factory: ShutdownTarget,
  options: ShutdownHookOptions,
  { endsProcess }: Pick<ProcessHook, 'endsProcess'>,
): ShutdownHooks {
  checkTarget(factory);
  const checked = checkHookOptions(options, factory.settings.shutdownTimeoutMs);
  const { signals, timeoutMs } = checked;
  const begin = (signal: string | undefined) => beginShutdown(factory, options, checked, signal);
  const onSignal = () => holdNestHandlers(options.before);
  const hook: ProcessHook = { signals, timeoutMs, endsProcess, onSignal, begin };
  processHooks.add(hook);
  watchServers(options.before);
  return { close: () => processHooks.close(), uninstall: () => processHooks.remove(hook) };
}

function checkTarget(factory: unknown): void {
  const { shutdown, settings } = (factory ?? {}) as { shutdown?: unknown; settings?: unknown };
  if (typeof shutdown === 'function' && typeof settings === 'object') return;
  throw optionTypeError(
    'factory',
    factory,
    'what createRedisFactory() or defaultFactory() returns, not one of its clients',
  );
}

/** Runs `before` after the delay. When all hooks of the process have done so, the factory is shut down. */
function beginShutdown(
  factory: ShutdownTarget,
  options: ShutdownHookOptions,
  { timeoutMs, shutdownDelayMs, beforeMs }: CheckedHookOptions,
  signal: string | undefined,
): HookRun {
  stoppingTargets.add(factory.settings);
  stopListeners.get(factory.settings)?.forEach((listener) => listener());
  const onFailure = targetFailures.get(factory.settings) ?? (() => undefined);
  const deadline = createDeadline(systemClock, timeoutMs);
  announceStop(options.before);
  const stopping = pause(shutdownDelayMs).then(() => stopBefore(options.before, beforeMs, onFailure));
  const ownMs = timeoutMs - shutdownDelayMs - (options.before ? beforeMs : 0);

  async function close(remainingMs: number): Promise<void> {
    const before = await stopping;
    // The before steps of other hooks may have used up the time of this one.
    const limitMs = Math.min(Math.max(deadline.remainingMs(), ownMs), remainingMs);
    const report = await factory.shutdown({ timeoutMs: Math.max(100, Math.floor(limitMs)) });
    await options.onReport?.({ ...report, signal, ...before });
    if (before.before === 'late') throw new Error('The before step did not finish in time.');
    if (before.before === 'failed') throw new Error('The before step failed.');
  }

  return { stopped: stopping.then(() => undefined), close };
}

/** The delay in which everything is still served. The handler of the process keeps it alive. */
async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise<void>((resolve) => void systemClock.after(ms, resolve));
}

async function stopBefore(
  before: Before | undefined,
  timeoutMs: number,
  onFailure: (error: HygieneError) => void,
): Promise<Pick<HookReport, 'before' | 'beforeError'>> {
  if (isEmpty(before)) return { before: 'none', beforeError: undefined };
  let current = 'a step';
  const work = runBefore(before, (step) => (current = nameOfStep(step)));
  if ((await createDeadline(systemClock, timeoutMs).race(work)) === 'late') {
    const what = `${capitalize(current)} did not stop within ${timeoutMs} ms. Redis is closed all the same, and the exit code is 1.`;
    onFailure(new HygieneError('HYG_BEFORE_LATE', what, { details: { step: current, timeoutMs } }));
    return { before: 'late', beforeError: undefined };
  }
  return work.then(
    () => ({ before: 'done', beforeError: undefined }),
    (cause: unknown) => {
      const what = 'A step could not be stopped. Redis is closed all the same, and the exit code is 1.';
      onFailure(new HygieneError('HYG_BEFORE_FAILED', what, { cause }));
      return { before: 'failed', beforeError: cause };
    },
  );
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
