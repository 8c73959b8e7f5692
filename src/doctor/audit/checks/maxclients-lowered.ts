import type { Check } from '../check.js';
import { conclude } from '../verdict.js';

/** Descriptors that Redis keeps for itself: `CONFIG_MIN_RESERVED_FDS` of server.h. */
const RESERVED_FILES = 32;

/** Limits that are no round numbers and yet usual: of `/etc/security/limits.conf`, of systemd, of Docker. */
const ODD_LIMITS: ReadonlySet<number> = new Set([65_535, 262_143, 524_287, 1_048_575]);

/** Nobody has a lower one. */
const LOWEST_LIMIT = 256;

/** Round to a human, or to a machine. */
function isUsualFileLimit(files: number): boolean {
  if (files < LOWEST_LIMIT) return false;
  const isPowerOfTwo = Number.isInteger(Math.log2(files));
  return isPowerOfTwo || files % 100 === 0 || files % 1024 === 0 || ODD_LIMITS.has(files);
}

/**
 * Redis lowers `maxclients` to the limit of open files, less 32, and says so in its log alone: 992 and 4064 are what
 * 1024 and 4096 leave. Nobody writes such a number.
 */
export const maxclientsLowered: Check = (chart) => {
  const { maxclients, kind } = chart;
  if (kind === 'sentinel-conf' || !maxclients) return [];
  const files = maxclients + RESERVED_FILES;
  if (!isUsualFileLimit(files) || isUsualFileLimit(maxclients)) return [];
  const summary = `maxclients is ${maxclients}: what a limit of ${files} open files leaves.`;
  return [conclude('maxclients-lowered', chart, { summary, evidence: { maxclients, openFiles: files } })];
};
