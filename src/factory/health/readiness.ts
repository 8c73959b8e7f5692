import { HygieneError } from '../../core/errors.js';
import { checkInteger, checkOptionNames } from '../../options/check-options.js';
import type { Events } from '../events.js';
import { describeMissing, findMissing, type AwaitedPart } from './missing-parts.js';
import type { OpenedPorts } from './opened.js';

/** Options of `ready()`. */
export interface ReadyOptions {
  /**
   * How long to wait, in milliseconds, 1 to 300 000.
   * @default 10000
   */
  readonly timeoutMs?: number | undefined;
}

export interface ReadinessPorts extends OpenedPorts {
  readonly events: Events;
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly assertOpen: () => void;
}

const DEFAULT_TIMEOUT_MS = 10_000;

const TIMEOUT_BOUNDS = { min: 1, max: 300_000, unit: 'ms' };

/** How often is looked for what no event tells: confirmed subscriptions, pools, Clusters, and clients that are left to ioredis. */
const POLL_MS = 100;

/** How much longer than a look the pause after it is, so that looking takes a tenth of the time at most. */
const PAUSE_FACTOR = 9;

/** Events after which something may have become ready. */
const MOVES = ['connected', 'ready', 'closed'] as const;

/** Creates the function that waits until everything is ready that a factory has opened. */
export function createReadiness(ports: ReadinessPorts): (options?: ReadyOptions) => Promise<void> {
  return (options = {}) => {
    checkOptionNames('ready()', options, ['timeoutMs']);
    const timeoutMs = checkInteger('timeoutMs', options.timeoutMs ?? DEFAULT_TIMEOUT_MS, TIMEOUT_BOUNDS);
    const ready = waitUntilReady(ports, timeoutMs);
    // A program that looks at the result later, or never, must not end because of it.
    ready.catch(() => undefined);
    return ready;
  };
}

/** The program waits for the result, so the timers keep the process alive until then. */
async function waitUntilReady(ports: ReadinessPorts, timeoutMs: number): Promise<void> {
  const { clock } = ports;
  const end = clock.now() + timeoutMs;
  for (;;) {
    ports.assertOpen();
    const startedAt = clock.now();
    const missing = findMissing(ports);
    if (missing.length === 0) return;
    const pauseMs = PAUSE_FACTOR * (clock.now() - startedAt);
    const leftMs = end - clock.now();
    if (leftMs <= 0) throw notReadyError(missing, timeoutMs, clock.now());
    const canPoll = missing.some(({ hasEvents }) => !hasEvents);
    await nextChange(ports, canPoll ? Math.min(POLL_MS, leftMs) : leftMs);
    // Thousands of connections become ready one after the other, and each look goes over all of them.
    if (pauseMs > 0) await new Promise<void>((resolve) => clock.afterRef(Math.min(pauseMs, leftMs), resolve));
  }
}

/** Waits for the next event of a connection, for `ms` milliseconds at most. */
function nextChange({ clock, events }: ReadinessPorts, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      timer.cancel();
      MOVES.forEach((name) => events.off(name, finish));
      // Once for all events of this turn of the event loop: many connections become ready at once.
      setImmediate(resolve);
    };
    const timer = clock.afterRef(ms, finish);
    MOVES.forEach((name) => events.on(name, finish));
  });
}

/** How many missing parts a message names. `details` has all of them. */
const MAX_NAMED = 5;

function notReadyError(missing: readonly AwaitedPart[], timeoutMs: number, now: number): HygieneError {
  const named = missing.slice(0, MAX_NAMED).map(({ part }) => describeMissing(part, now));
  const others = missing.length > MAX_NAMED ? [`and ${missing.length - MAX_NAMED} more`] : [];
  const what = `Not everything that was opened is ready after ${timeoutMs} ms. ${[...named, ...others].join('; ')}.`;
  const parts = missing.map(({ part }) => part);
  return new HygieneError('HYG_NOT_READY', what, { details: { timeoutMs, missing: parts } });
}
