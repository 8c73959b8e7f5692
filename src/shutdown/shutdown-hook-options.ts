import type closeWithGrace from 'close-with-grace';
import { once } from 'node:events';
import { Server } from 'node:net';
import { checkInteger, checkNames, wrongType } from '../options/check-options.js';
import type { ShutdownReport } from './shutdown-plan.js';

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
   * The whole time from the signal to the exit, in milliseconds, 100 to 600 000. If it is given, at most half of
   * it is for `before`; else `before` has 5000.
   * @default the factory's shutdownTimeoutMs, and 5000 more where there is a `before`
   */
  readonly timeoutMs?: number;
  /**
   * Stopped first: an HTTP server, anything with `close()`, or a function; or a list of those, read when the stop begins
   * and stopped one after the other, the last one first.
   */
  readonly before?: Before;
  /** Hears what was done, just before the process exits. May be asynchronous. */
  readonly onReport?: (report: HookReport) => unknown;
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

/** How long `before` may take where nothing is said: what is left of the 10 s that close-with-grace grants. */
const BEFORE_MS = 5_000;

function checkSignals(signals: readonly closeWithGrace.Signals[]): typeof signals {
  if (!(signals instanceof Array)) throw wrongType('signals', signals, 'an array of signals');
  const known: readonly unknown[] = SIGNALS;
  const odd = signals.findIndex((signal) => !known.includes(signal));
  if (odd >= 0) throw wrongType('signals', signals[odd], `signals such as SIGTERM: ${SIGNALS.join(', ')}`);
  return signals;
}

function isStep(value: unknown): boolean {
  return typeof value === 'function' || typeof (value as { close?: unknown } | null)?.close === 'function';
}

/** The options of hooks, checked and complete. */
export interface CheckedHookOptions {
  /** What close-with-grace must not listen to. */
  readonly skip: closeWithGrace.AllEvents[];
  readonly timeoutMs: number;
  /** The part of it that `before` may take. */
  readonly beforeMs: number;
}

function checkCallables({ before, onReport }: ShutdownHookOptions): void {
  const runs = before === undefined || (before instanceof Array ? before.every(isStep) : isStep(before));
  if (!runs) throw wrongType('before', before, 'a function, something with close(), or a list of those');
  if (onReport !== undefined && typeof onReport !== 'function') {
    throw wrongType('onReport', onReport, 'a function');
  }
}

/** @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE` */
export function checkHookOptions(
  options: ShutdownHookOptions,
  shutdownTimeoutMs: number,
): CheckedHookOptions {
  checkNames('installShutdownHooks', options, ['signals', 'timeoutMs', 'before', 'onReport']);
  checkCallables(options);
  const usualMs = shutdownTimeoutMs + (options.before ? BEFORE_MS : 0);
  const { timeoutMs = usualMs, signals = ['SIGTERM', 'SIGINT'] } = options;
  const asked: readonly closeWithGrace.AllEvents[] = checkSignals(signals);
  checkInteger('timeoutMs', timeoutMs, { min: 100, max: 600_000, unit: 'ms' });
  return {
    skip: ALL_EVENTS.filter((event) => !asked.includes(event)),
    timeoutMs,
    beforeMs: options.timeoutMs === undefined ? BEFORE_MS : timeoutMs / 2,
  };
}

/** Something that stops: an HTTP server, a Fastify or Nest application, a queue worker. */
export interface Closable {
  close(): unknown;
}

/** One thing that is to be stopped before the connections to Redis are: a function, or something with `close()`. */
export type BeforeStep = Closable | (() => unknown);

/** That, or a list of them, which may grow until the stop begins: the last one of it is stopped first. */
export type Before = BeforeStep | readonly BeforeStep[];

/** How it went. */
export type BeforeOutcome = 'none' | 'done' | 'late' | 'failed';

/** `server.close()` gives the server back at once, and tells of its end by an event. */
async function settle(result: unknown): Promise<void> {
  const value = await result;
  if (value instanceof Server && value.listening) await once(value, 'close');
  else if (value instanceof Server) await connectionsGone(value);
}

/** A server that is closing listens no more, but has not emitted `close` while requests are under way. */
function connectionsGone(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error);
      else if (count === 0) resolve();
      else server.once('close', resolve);
    });
  });
}

async function runStep(step: BeforeStep): Promise<void> {
  await settle(typeof step === 'function' ? step() : step.close());
}

/** One after the other, the last one first. One that fails does not keep the others from being stopped. */
async function runSteps(steps: readonly BeforeStep[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.toReversed()) await runStep(step).catch((error: unknown) => errors.push(error));
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} of ${steps.length} failed.`);
  if (errors.length === 1) throw errors[0];
}

/** Runs what comes before, and resolves when it has really ended. */
export function runBefore(before: Before): Promise<void> {
  return before instanceof Array ? runSteps(before) : runStep(before);
}
