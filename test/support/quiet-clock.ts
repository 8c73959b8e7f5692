import { readFileSync } from 'node:fs';

/** Linux' pressure stall information: its first line ends with the microseconds in which tasks waited for a processor. */
const PRESSURE_FILE = '/proc/pressure/cpu';

const WAITED = /^some .*\btotal=(\d+)$/m;

function readWaitedMs(): number {
  try {
    return Number(WAITED.exec(readFileSync(PRESSURE_FILE, 'utf8'))?.[1] ?? 0) / 1_000;
  } catch {
    return 0; // this kernel keeps no such count
  }
}

/**
 * Milliseconds on a clock that stands still while a task of this machine waits for a processor. A test that limits a
 * duration from above measures it with this clock, so that it does not fail because the machine is busy.
 */
export function quietNow(): number {
  return performance.now() - readWaitedMs();
}
