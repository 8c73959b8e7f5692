import { expect } from 'vitest';
import type { StressReport } from './stress-pool.js';

/** The `max` of a pool under stress. */
export const MAX = 10;

/** Errors that a borrower causes itself, by breaking its connection. No other borrower may get an error. */
const SELF_INFLICTED_ERRORS =
  /^(Connection is closed|A borrower that throws|Redis is already connecting|Protocol error)/;

function formatCounts(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  return entries.map(([what, count]) => `${count} ${what}`).join(', ');
}

/** Formats the figures of a run in a few lines. */
export function formatStressReport(title: string, report: StressReport): string {
  const { statistics, actions, maxRows, maxSockets, destroyedSockets, samples, kills, errors } = report;
  const { use, created, closed } = statistics;
  return [
    title,
    `  ${use.count} leases (left behind: ${formatCounts(actions)}), ${kills} killed by the server`,
    `  ${created} connections, closed: ${formatCounts(closed)}; reset: ${actions.resettable}`,
    `  at most ${maxRows} rows in ${samples} samples of CLIENT LIST, ${maxSockets} sockets, ${destroyedSockets} of them destroyed by us`,
    `  errors of callers: ${formatCounts(Object.fromEntries(errors))}`,
  ].join('\n');
}

/** Checks what must hold after every run. */
export function expectNoHarm(report: StressReport): void {
  const {
    leftovers,
    lateCalls,
    errors,
    statistics,
    closed,
    rowsAfter,
    maxRows,
    maxSockets,
    destroyedSockets,
  } = report;
  expect(leftovers).toEqual([]);
  expect(lateCalls).toEqual([]);
  expect([...errors.keys()].filter((message) => !SELF_INFLICTED_ERRORS.test(message))).toEqual([]);
  expect(maxSockets).toBeLessThanOrEqual(MAX);
  // A socket is destroyed if a borrower does it, or if the server has not answered QUIT within 500 ms, as on a busy machine.
  // The server lists it until it has read the end, so its list may exceed `max` by these.
  expect(maxRows).toBeLessThanOrEqual(MAX + destroyedSockets);
  expect(rowsAfter).toBe(0);
  expect(closed).toMatchObject({ forced: 0, leases: [] });
  expect(statistics).toMatchObject({ size: 0, idle: 0, used: 0, resetting: 0, connecting: 0, pending: 0 });
  const closedCount = Object.values(statistics.closed).reduce((sum, count) => sum + count);
  // `created` does not count connections that never became ready.
  expect(closedCount).toBeGreaterThanOrEqual(statistics.created);
  expect(statistics.use.count).toBe(statistics.wait.count);
}
