import { expect } from 'vitest';
import type { StressReport } from './stress.js';

/** The most connections of a pool under stress. */
export const MAX = 10;

/** Borrowers that break their connection fail, and nobody else. */
const OWN_FAULTS =
  /^(Connection is closed|A borrower that throws|Redis is already connecting|Protocol error)/;

function list(counts: Readonly<Record<string, number>>): string {
  const seen = Object.entries(counts).filter(([, count]) => count > 0);
  return seen.map(([what, count]) => `${count} ${what}`).join(', ');
}

/** What the stress came to, in a few lines. */
export function tellStress(title: string, report: StressReport): string {
  const { statistics, messes, mostRows, mostSockets, samples, kills, failures } = report;
  const { use, created, closed } = statistics;
  return [
    title,
    `  ${use.count} leases (left behind: ${list(messes)}), ${kills} killed by the server`,
    `  ${created} connections, gone: ${list(closed)}; so cleaned: ${messes.cleanable}`,
    `  at most ${mostRows} rows in ${samples} samples of CLIENT LIST, ${mostSockets} sockets`,
    `  callers were told: ${list(Object.fromEntries(failures))}`,
  ].join('\n');
}

/** What must hold whatever happened. */
export function expectNoHarm(report: StressReport): void {
  const { traces, lateCalls, failures, statistics, closed, rowsAfter, mostSockets } = report;
  expect(traces).toEqual([]);
  expect(lateCalls).toEqual([]);
  expect([...failures.keys()].filter((told) => !OWN_FAULTS.test(told))).toEqual([]);
  expect(mostSockets).toBeLessThanOrEqual(MAX);
  expect(rowsAfter).toBe(0);
  expect(closed).toMatchObject({ forced: 0, leases: [] });
  expect(statistics).toMatchObject({ size: 0, idle: 0, used: 0, cleaning: 0, opening: 0, pending: 0 });
  const gone = Object.values(statistics.closed).reduce((sum, count) => sum + count);
  // Those that never came up are gone without having been made.
  expect(gone).toBeGreaterThanOrEqual(statistics.created);
  expect(statistics.use.count).toBe(statistics.wait.count);
}
