import type { HygieneErrorCode } from './errors.js';

/** Limit of warnings, for a program whose messages differ each time. */
const MAX_WARNINGS = 100;

/** Warnings emitted so far, by code and subject. */
const emitted = new Set<string>();

/**
 * Emits a Node warning, once for each code and subject. Does not throw, even if the application has replaced
 * `emitWarning` by a function that does.
 *
 * @param subject What the warning is about. @default the message
 */
export function warn(code: HygieneErrorCode, message: string, subject = message): void {
  const key = `${code} ${subject}`;
  if (emitted.has(key) || emitted.size >= MAX_WARNINGS) return;
  emitted.add(key);
  try {
    process.emitWarning(message, { type: 'RedisHygieneWarning', code });
  } catch {
    emitted.delete(key);
  }
}

/**
 * Calls something that only observes: a subscriber of a channel, a logger. If it throws, or if its promise is rejected, the
 * service goes on, and a warning says so.
 */
export function callObserver(observer: string, call: () => unknown): void {
  const onFailure = (error: unknown) => warnOfObserver(observer, error);
  try {
    const result = call();
    if (isPromise(result)) result.then(undefined, onFailure);
  } catch (error) {
    onFailure(error);
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * Warns that something which only observes has thrown: a subscriber of a channel, a logger, a metrics library. The
 * service goes on without it. One warning is emitted for each observer.
 *
 * @param observer What has thrown, as in "<observer> has thrown".
 */
export function warnOfObserver(observer: string, error: unknown): void {
  const reason = describeThrown(error);
  const message = `${observer} has thrown: ${reason}. The connections are not affected. This is reported once.`;
  warn('HYG_OBSERVER_THREW', message, observer);
}

/** Anything can be thrown, also what cannot be made a text. */
function describeThrown(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'a value that has no text';
  }
}
