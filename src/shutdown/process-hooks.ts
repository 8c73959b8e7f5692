import type closeWithGrace from 'close-with-grace';
import { createRequire } from 'node:module';
import { createDeadline, systemClock } from '../core/clock.js';
import { processWide } from '../core/process-wide.js';
import { countProgramHandlers, ignoreRaisedSignals, ownListener } from './raised-signals.js';

/** What one call of `installShutdownHooks()` does when the process is told to stop. */
export interface ProcessHook {
  readonly signals: readonly ShutdownSignal[];
  /** Maximum time from the signal to the exit, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Whether the process exits when the hook is done. If no hook asks for that, and the program has handlers of its own for
   * the signal, the process is left to them until `timeoutMs`.
   */
  readonly endsProcess: boolean;
  /** Called on the first signal, before any handler of the program. */
  readonly onSignal?: () => void;
  /** Begins the shutdown. The signal is `undefined` for a message and for `close()`. */
  readonly begin: (signal: string | undefined) => HookRun;
}

/** A hook that has begun. */
export interface HookRun {
  /** Resolves when what uses Redis has stopped, or is late. Never rejects. */
  readonly stopped: Promise<void>;
  /**
   * Closes connections and reports, within the time that the process has left. Called when all hooks have stopped. Rejects
   * if the exit code should be 1.
   */
  readonly close: (remainingMs: number) => Promise<void>;
}

/** The hooks of this process. They share one handler, because the first handler to finish would end the process. */
export interface ProcessHooks {
  add(hook: ProcessHook): void;
  remove(hook: ProcessHook): void;
  /** Begins the shutdown as a signal does. */
  close(): void;
}

/** If something blocks the event loop, the process is killed this long after the deadline. */
const KILL_DELAY_MS = 250;

const require = createRequire(import.meta.url);

/** Loads close-with-grace when the hooks are installed: processes without them do not need it. */
function loadCloseWithGrace(): typeof closeWithGrace {
  return require('close-with-grace') as typeof closeWithGrace;
}

/** Signals that hooks can listen to: those of close-with-grace. */
export const SIGNALS = [
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

/** All events that close-with-grace listens to by default. */
const ALL_EVENTS: readonly closeWithGrace.AllEvents[] = [
  ...SIGNALS,
  'uncaughtException',
  'unhandledRejection',
  'beforeExit',
];

/** A signal that begins the shutdown. */
export type ShutdownSignal = (typeof SIGNALS)[number];

/** The hooks of this process, shared by all factories and the preload. */
export const processHooks = processWide('shutdown hooks', createProcessHooks);

function createProcessHooks(): ProcessHooks {
  const hooks = new Set<ProcessHook>();
  let handlers: Handlers | undefined;
  let isClosing = false;

  /** Installs the handlers for the signals of all hooks, in place of the previous ones. */
  function reinstall(): void {
    if (isClosing) return;
    handlers?.uninstall();
    handlers = hooks.size > 0 ? installHandlers([...hooks], stop) : undefined;
  }

  function stop(signal: string | undefined, programEnd: Promise<void> | undefined): Promise<void> {
    isClosing = true;
    return stopAll(takeFrom(hooks), signal, programEnd);
  }

  return {
    add(hook) {
      hooks.add(hook);
      reinstall();
    },
    remove(hook) {
      if (hooks.delete(hook)) reinstall();
    },
    close: () => handlers?.close(),
  };
}

interface Handlers {
  close(): void;
  uninstall(): void;
}

/** @param stop Runs the hooks. The process is left to the program until `programEnd`, if there is such a promise. */
function installHandlers(
  hooks: readonly ProcessHook[],
  stop: (signal: string | undefined, programEnd: Promise<void> | undefined) => Promise<void>,
): Handlers {
  const signals = new Set(hooks.flatMap((hook) => hook.signals));
  const skip = ALL_EVENTS.filter((event) => !signals.has(event as ShutdownSignal));
  const endsProcess = hooks.some((hook) => hook.endsProcess);
  const watch = watchFirstSignal(signals, hooks);
  const grace = loadCloseWithGrace()({ delay: null, logger: null, skip }, ({ signal }) => {
    const programEnd = new Promise<void>((resolve) => ignoreRaisedSignals(signals, resolve));
    return stop(signal, !endsProcess && watch.foundProgramHandlers() ? programEnd : undefined);
  });
  const removeMessageListener = onShutdownMessage(grace.close);
  return {
    close: grace.close,
    uninstall() {
      grace.uninstall();
      watch.uninstall();
      removeMessageListener();
    },
  };
}

/** Tells the hooks of the first signal, and notes whether the program handles it too. */
function watchFirstSignal(signals: ReadonlySet<ShutdownSignal>, hooks: readonly ProcessHook[]) {
  let count = 0;
  // Called first: a handler that is installed with once() is gone after its call, and that of Nest has closed the application.
  const listener = ownListener((signal) => {
    uninstall();
    count = countProgramHandlers(signal) - 1; // one is that of close-with-grace
    hooks.forEach((hook) => hook.onSignal?.());
  });
  const uninstall = () => signals.forEach((signal) => process.off(signal, listener));
  for (const signal of signals) process.prependListener(signal, listener);
  return { foundProgramHandlers: () => count > 0, uninstall };
}

/** Takes the hooks that were not taken before: a `before` step may install further ones. */
type TakeHooks = () => readonly ProcessHook[];

function takeFrom(hooks: ReadonlySet<ProcessHook>): TakeHooks {
  const taken = new Set<ProcessHook>();
  return () => {
    const next = [...hooks].filter((hook) => !taken.has(hook));
    next.forEach((hook) => taken.add(hook));
    return next;
  };
}

/** Runs all hooks. Rejects with the first failure, if there is one. */
async function stopAll(
  takeHooks: TakeHooks,
  signal: string | undefined,
  programEnd: Promise<void> | undefined,
): Promise<void> {
  const first = takeHooks();
  const timeoutMs = Math.max(...first.map((hook) => hook.timeoutMs));
  const killTimer = systemClock.afterRef(timeoutMs + KILL_DELAY_MS, () => process.exit(1));
  const deadline = createDeadline(systemClock, timeoutMs);
  const results: PromiseSettledResult<void>[] = [];
  for (let hooks = first; hooks.length > 0; hooks = takeHooks()) {
    const runs = await beginAll(hooks, takeHooks, signal);
    results.push(...(await Promise.allSettled(runs.map((run) => run.close(deadline.remainingMs())))));
  }
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
  if (!programEnd) return;
  killTimer.cancel(); // a program that has nothing left to do ends by itself
  await deadline.race(programEnd);
}

/** Begins these hooks, and those that are installed meanwhile. Resolves when what uses Redis has stopped. */
async function beginAll(
  first: readonly ProcessHook[],
  takeHooks: TakeHooks,
  signal: string | undefined,
): Promise<readonly HookRun[]> {
  const runs: HookRun[] = [];
  for (let hooks = first; hooks.length > 0; hooks = takeHooks()) {
    const begun = hooks.map((hook) => hook.begin(signal));
    runs.push(...begun);
    await Promise.all(begun.map((run) => run.stopped));
  }
  return runs;
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
