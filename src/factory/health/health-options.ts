import { checkInteger, checkOptionNames } from '../../options/check-options.js';

/** Options of `health()`. */
export interface HealthOptions {
  /**
   * How long to wait for the answer to a PING, in milliseconds, 1 to 60 000. Only a target that was not heard recently is
   * pinged.
   * @default 1000
   */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 1_000;

const TIMEOUT_BOUNDS = { min: 1, max: 60_000, unit: 'ms' };

/**
 * Checks the options of `health()`, and adds the default. Probes check theirs when they are made, not when they are asked.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function checkHealthOptions(options: HealthOptions = {}): { readonly timeoutMs: number } {
  checkOptionNames('health()', options, ['timeoutMs']);
  return { timeoutMs: checkInteger('timeoutMs', options.timeoutMs ?? DEFAULT_TIMEOUT_MS, TIMEOUT_BOUNDS) };
}
