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
 * Warns that something which only observes has thrown: a subscriber of a channel, a logger, a metrics library. The
 * service goes on without it. One warning is emitted for each observer.
 *
 * @param observer What has thrown, as in "<observer> has thrown".
 */
export function warnOfObserver(observer: string, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `${observer} has thrown: ${reason}. The connections are not affected. This is reported once.`;
  warn('HYG_OBSERVER_THREW', message, observer);
}
