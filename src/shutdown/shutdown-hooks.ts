import type closeWithGrace from 'close-with-grace';
import { createRequire } from 'node:module';
import { createDeadline, systemClock } from '../core/clock.js';
import {
  type Before,
  checkHookOptions,
  type HookReport,
  runBefore,
  type ShutdownHookOptions,
} from './shutdown-hook-options.js';
import type { ShutdownReport } from './shutdown-plan.js';

/** The object that hooks shut down: a factory. */
export interface ShutdownTarget {
  readonly settings: { readonly shutdownTimeoutMs: number };
  shutdown(options: { timeoutMs: number }): Promise<ShutdownReport>;
}

/** Installed hooks. */
export interface ShutdownHooks {
  /** Begins the shutdown as a signal does, and ends the process. */
  close(): void;
  /** Removes all handlers. */
  uninstall(): void;
}

/** If something blocks the event loop, the process is killed this long after the deadline. */
const KILL_DELAY_MS = 250;

const require = createRequire(import.meta.url);

/** Loads close-with-grace when the hooks are installed: processes without them do not need it. */
function loadCloseWithGrace(): typeof closeWithGrace {
  return require('close-with-grace') as typeof closeWithGrace;
}

/**
 * Shuts the factory down when the process is told to stop: by one of the signals, or by PM2's `shutdown` message.
 * Afterwards the process exits with code 0, or with 1 if `before` failed or was late. A second signal exits with 1 at
 * once. No other part of redis-hygiene installs a handler.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function installShutdownHooks(
  factory: ShutdownTarget,
  options: ShutdownHookOptions = {},
): ShutdownHooks {
  const { skip, timeoutMs, beforeMs } = checkHookOptions(options, factory.settings.shutdownTimeoutMs);

  async function stop({ signal }: { signal?: string }): Promise<void> {
    const deadline = createDeadline(systemClock, timeoutMs);
    const before = await stopBefore(options.before, beforeMs);
    const report = await factory.shutdown({ timeoutMs: Math.max(100, Math.floor(deadline.remainingMs())) });
    await options.onReport?.({ ...report, signal, ...before });
    if (before.before === 'late') throw new Error('The before step did not finish in time.');
    if (before.before === 'failed') throw new Error('The before step failed.');
  }

  const grace = loadCloseWithGrace()({ delay: timeoutMs + KILL_DELAY_MS, logger: null, skip }, stop);
  const removeMessageListener = onShutdownMessage(grace.close);
  return {
    close: grace.close,
    uninstall() {
      grace.uninstall();
      removeMessageListener();
    },
  };
}

async function stopBefore(
  before: Before | undefined,
  timeoutMs: number,
): Promise<Pick<HookReport, 'before' | 'beforeError'>> {
  if (!before || (before instanceof Array && before.length === 0)) {
    return { before: 'none', beforeError: undefined };
  }
  const work = runBefore(before);
  if ((await createDeadline(systemClock, timeoutMs).race(work)) === 'late') {
    return { before: 'late', beforeError: undefined };
  }
  return work.then(
    () => ({ before: 'done', beforeError: undefined }),
    (beforeError: unknown) => ({ before: 'failed', beforeError }),
  );
}

/**
 * The IPC channel to the parent process. Node keeps the process alive while there are `message` listeners; these
 * undocumented methods undo that for one listener.
 */
interface CountedChannel {
  refCounted?(): void;
  unrefCounted?(): void;
}

function ipcChannel(): CountedChannel | undefined {
  return (process as { channel?: CountedChannel }).channel;
}

/**
 * Listens for the message `shutdown`, which PM2 sends instead of a signal if `shutdown_with_message` is set. The listener
 * does not keep the process alive. Returns a function that removes the listener.
 */
export function onShutdownMessage(begin: () => void): () => void {
  const listener = (message: unknown) => {
    if (message === 'shutdown') begin();
  };
  process.on('message', listener);
  ipcChannel()?.unrefCounted?.();
  return () => {
    if (!process.listeners('message').includes(listener)) return;
    ipcChannel()?.refCounted?.();
    process.off('message', listener);
  };
}
