import { warn } from '../core/warnings.js';

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
