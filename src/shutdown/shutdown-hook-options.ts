import { once } from 'node:events';
import { Server } from 'node:net';
import { systemClock } from '../core/clock.js';
import { checkInteger, checkOptionNames, optionTypeError } from '../options/check-options.js';
import { SIGNALS, type ShutdownSignal } from './process-hooks.js';
import type { ShutdownReport } from './shutdown-plan.js';

/** Options of `installShutdownHooks()`. */
export interface ShutdownHookOptions {
  /** Signals that begin the shutdown. @default ['SIGTERM', 'SIGINT'] */
  readonly signals?: readonly ShutdownSignal[] | undefined;
  /**
   * Maximum time from the signal to the exit, in milliseconds, 100 to 600 000. `before` may take half of it, or 5000 ms
   * if this option is not set.
   * @default the factory's shutdownTimeoutMs, plus 5000 if there is a `before`
   */
  readonly timeoutMs?: number | undefined;
  /**
   * What to stop before the connections to Redis: an HTTP server, anything with `close()`, a function, or a list of those.
   * A list is read when the shutdown begins. Its items are stopped one after the other, the last one first.
   */
  readonly before?: Before | undefined;
  /** Called with the result just before the process exits. May be asynchronous. */
  readonly onReport?: ((report: HookReport) => unknown) | undefined;
}

/** Something with `close()`: an HTTP server, a Fastify or Nest application, a queue worker. */
export interface Closable {
  close(): unknown;
}

/** A thing to stop before the connections to Redis: a function, or something with `close()`. */
export type BeforeStep = Closable | (() => unknown);

/** A step, or a list of steps. Steps may be added to the list until the shutdown begins. */
export type Before = BeforeStep | readonly BeforeStep[];

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

/** The options of hooks, checked and completed with defaults. */
export interface CheckedHookOptions {
  readonly signals: readonly ShutdownSignal[];
  readonly timeoutMs: number;
  /** The part of `timeoutMs` that `before` may take. */
  readonly beforeMs: number;
}

/** @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE` */
export function checkHookOptions(
  options: ShutdownHookOptions,
  shutdownTimeoutMs: number,
): CheckedHookOptions {
  checkOptionNames('installShutdownHooks', options, ['signals', 'timeoutMs', 'before', 'onReport']);
  checkCallables(options);
  const defaultTimeoutMs = shutdownTimeoutMs + (options.before ? DEFAULT_BEFORE_MS : 0);
  const { timeoutMs = defaultTimeoutMs, signals = ['SIGTERM', 'SIGINT'] } = options;
  checkSignals(signals);
  checkInteger('timeoutMs', timeoutMs, { min: 100, max: 600_000, unit: 'ms' });
  return {
    signals,
    timeoutMs,
    beforeMs: options.timeoutMs === undefined ? DEFAULT_BEFORE_MS : timeoutMs / 2,
  };
}

function checkCallables({ before, onReport }: ShutdownHookOptions): void {
  const isValid = before === undefined || (before instanceof Array ? before.every(isStep) : isStep(before));
  if (!isValid) {
    throw optionTypeError('before', before, 'a function, something with close(), or a list of those');
  }
  if (onReport !== undefined && typeof onReport !== 'function') {
    throw optionTypeError('onReport', onReport, 'a function');
  }
}

function isStep(value: unknown): boolean {
  return typeof value === 'function' || typeof (value as { close?: unknown } | null)?.close === 'function';
}

function checkSignals(signals: readonly ShutdownSignal[]): void {
  if (!(signals instanceof Array)) throw optionTypeError('signals', signals, 'an array of signals');
  const known: readonly unknown[] = SIGNALS;
  const unknownIndex = signals.findIndex((signal) => !known.includes(signal));
  if (unknownIndex >= 0) {
    throw optionTypeError('signals', signals[unknownIndex], `signals such as SIGTERM: ${SIGNALS.join(', ')}`);
  }
}

/** Runs the steps of `before`, and resolves when all of them have ended. */
export function runBefore(before: Before): Promise<void> {
  return before instanceof Array ? runSteps(before) : runStep(before);
}

/** Runs steps one after the other, the last one first. A step that fails does not prevent the others from running. */
async function runSteps(steps: readonly BeforeStep[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.toReversed()) await runStep(step).catch((error: unknown) => errors.push(error));
  if (errors.length > 1) {
    throw new AggregateError(errors, `${errors.length} of ${steps.length} before steps failed.`);
  }
  if (errors.length === 1) throw errors[0];
}

async function runStep(step: BeforeStep): Promise<void> {
  await waitForEnd(typeof step === 'function' ? step() : step.close());
}

/** Waits for the result of a step. `server.close()` returns the server at once and emits `close` when it has ended. */
async function waitForEnd(result: unknown): Promise<void> {
  const value = await result;
  if (!(value instanceof Server)) return;
  const stopClosing = closeIdleConnections(value);
  try {
    await (value.listening ? once(value, 'close') : waitForConnections(value));
  } finally {
    stopClosing();
  }
}

/** Interval in which idle connections of an HTTP server that stops are closed, in milliseconds. */
const IDLE_CHECK_MS = 100;

/**
 * Closes the connections of an HTTP server as soon as they are idle. Node closes only those that are idle when `close()` is
 * called: one with a request under way stays open for `keepAliveTimeout` after its answer, and its load balancer may keep it
 * for a minute. Returns a function that ends this.
 */
function closeIdleConnections(server: Server & { closeIdleConnections?: () => void }): () => void {
  let timer: ReturnType<typeof systemClock.after> | undefined;
  const check = () => {
    server.closeIdleConnections?.();
    timer = systemClock.after(IDLE_CHECK_MS, check);
  };
  check();
  return () => timer?.cancel();
}

/** Waits for a server that is closing. It no longer listens, but emits `close` only after its last request. */
function waitForConnections(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error);
      else if (count === 0) resolve();
      else server.once('close', resolve);
    });
  });
}
