import type { HygieneErrorCode } from '../core/errors.js';

/** Codes of the preload's warnings. See docs/preload.md. */
type WarningCode = Extract<HygieneErrorCode, `HYG_PRELOAD_${string}` | 'HYG_VARIABLE'>;

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
export function warn(code: WarningCode, message: string, subject = message): void {
  const key = `${code} ${subject}`;
  if (emitted.has(key) || emitted.size >= MAX_WARNINGS) return;
  emitted.add(key);
  try {
    process.emitWarning(message, { type: 'RedisHygieneWarning', code });
  } catch {
    emitted.delete(key);
  }
}

/** Warns of an environment variable that is ignored, once. */
export function warnOfVariable(message: string): void {
  warn('HYG_VARIABLE', message);
}

/**
 * Runs work of the preload that must not break the program. If it throws, a warning is emitted and the result is
 * undefined.
 *
 * @param task What is done, as in "Could not <task>". One warning is emitted for each task and reason.
 */
export function tryOrWarn<T>(task: string, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn('HYG_PRELOAD_FAILED', `Could not ${task}: ${reason}`);
    return undefined;
  }
}
