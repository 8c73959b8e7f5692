import closeWithGrace from 'close-with-grace';
import { createDeadline, systemClock } from '../core/clock.js';
import {
  type Before,
  checkHookOptions,
  type HookReport,
  runBefore,
  type ShutdownHookOptions,
} from './shutdown-hook-options.js';
import type { ShutdownReport } from './shutdown-plan.js';

/** What can be shut down: a factory. */
export interface ShutsDown {
  readonly settings: { readonly shutdownTimeoutMs: number };
  shutdown(options: { timeoutMs: number }): Promise<ShutdownReport>;
}

/** Installed hooks. */
export interface ShutdownHooks {
  /** Begins the shutdown as a signal would, and exits. */
  close(): void;
  /** Removes all handlers. */
  uninstall(): void;
}

/** The process is killed this long after the deadline, should something block the event loop. */
const NET_MS = 250;

async function stopBefore(
  before: Before | undefined,
  ms: number,
): Promise<Pick<HookReport, 'before' | 'beforeError'>> {
  if (!before || (before instanceof Array && before.length === 0))
    return { before: 'none', beforeError: undefined };
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
  const { skip, timeoutMs, beforeMs } = checkHookOptions(options, factory.settings.shutdownTimeoutMs);

  async function stop({ signal }: { signal?: string }): Promise<void> {
    const deadline = createDeadline(systemClock, timeoutMs);
    const before = await stopBefore(options.before, beforeMs);
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

/** Node counts listeners of `message` to decide whether the channel keeps the process alive. Undocumented. */
interface CountedChannel {
  refCounted?(): void;
  unrefCounted?(): void;
}

function channel(): CountedChannel | undefined {
  return (process as { channel?: CountedChannel }).channel;
}

/**
 * Listens for the message `shutdown`, which PM2 sends where signals are not to be had (`shutdown_with_message`).
 * Our listener alone does not keep the process alive. Gives the function that removes it.
 */
export function onShutdownMessage(begin: () => void): () => void {
  const listener = (message: unknown) => {
    if (message === 'shutdown') begin();
  };
  process.on('message', listener);
  channel()?.unrefCounted?.();
  return () => {
    if (!process.listeners('message').includes(listener)) return;
    channel()?.refCounted?.();
    process.off('message', listener);
  };
}
