import type { HygieneErrorCode } from '../core/errors.js';

/** What has been told already: each thing is told once. */
const told = new Set<string>();

/** What the preload tells, on standard error as Node's warnings are. See docs/preload.md. */
type WarningCode = Extract<HygieneErrorCode, `HYG_PRELOAD_${string}`>;

/** Tells the operator of something, once. An application may have put something in the place of `emitWarning` that throws. */
export function warn(code: WarningCode, message: string, about = message): void {
  const key = `${code} ${about}`;
  if (told.has(key)) return;
  told.add(key);
  try {
    process.emitWarning(message, { type: 'RedisHygieneWarning', code });
  } catch {
    told.delete(key);
  }
}

/** Runs what must not break the program: where it fails it is told once, and gives nothing. */
export function attempt<T>(what: string, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn('HYG_PRELOAD_FAILED', `${what} is left as it is: ${reason}`, what);
    return undefined;
  }
}
