import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { ConnectionInfo } from '../ledger/connection.js';
import { tryOrWarn } from './warnings.js';

/** Events on which the ledger can be printed: the end of the process, or a signal. */
export const reportTriggers = ['exit', 'SIGUSR2', 'SIGUSR1', 'SIGHUP'] as const;
type ReportTrigger = (typeof reportTriggers)[number];

/** Reads the owner (`service@host`) and the ledger of this process. Undefined if the process has not used Redis. */
export type LedgerReader = () =>
  { readonly owner: string; readonly connections: readonly ConnectionInfo[] } | undefined;

const STDERR_FD = 2;

/** Prints the ledger to standard error on these triggers. Signals are handled in the main thread only. */
export function installLedgerReport(triggers: readonly ReportTrigger[], readLedger: LedgerReader): void {
  for (const trigger of triggers) {
    if (trigger === 'exit') process.on('exit', () => printLedger(readLedger, 'at exit'));
    else if (isMainThread)
      process.on(
        trigger,
        ownListener(() => printLedger(readLedger, `on ${trigger}`)),
      );
  }
}

/** Marks a listener as one of redis-hygiene, so that the shutdown hooks do not take it for a handler of the program. */
function ownListener(listener: () => void): () => void {
  return Object.assign(listener, { [Symbol.for('redis-hygiene.listener')]: true });
}

function printLedger(readLedger: LedgerReader, when: string): void {
  tryOrWarn('print the open connections', () => {
    const ledger = readLedger();
    if (ledger) writeSync(STDERR_FD, renderLedger(ledger.owner, ledger.connections, when));
  });
}

/**
 * Renders the ledger as text: one row for each call site, role, target and state, with the number of connections.
 *
 * @param when When the ledger is printed: `at exit` or `on SIGUSR2`.
 */
export function renderLedger(owner: string, connections: readonly ConnectionInfo[], when: string): string {
  const total = connections.length === 1 ? '1 connection' : `${connections.length} connections`;
  const heading = `redis-hygiene: ${owner} has ${total} open ${when}`;
  if (connections.length === 0) return `${heading}\n`;
  const rows = countRows(connections);
  const columns = (['role', 'target', 'state'] as const).map((key) => ({
    key,
    width: Math.max(...rows.map((row) => row[key].length)),
  }));
  const lines = rows.map((row) => {
    const cells = columns.map(({ key, width }) => row[key].padEnd(width));
    return `  ${String(row.count).padStart(6)}  ${cells.join('  ')}  ${row.callSite}`;
  });
  return `${[heading, ...lines].join('\n')}\n`;
}

/** Connections of one call site with the same role, target and state. */
interface Row {
  readonly callSite: string;
  readonly role: string;
  readonly target: string;
  readonly state: string;
  count: number;
}

const UNKNOWN_CALL_SITE = '(unknown)';

/** Counts the connections by row, the largest row first. */
function countRows(connections: readonly ConnectionInfo[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { role, target, state, callSite: frames } of connections) {
    const callSite = frames[0] ?? UNKNOWN_CALL_SITE;
    const key = [callSite, role, target, state].join('\n');
    const row = rows.get(key) ?? { callSite, role, target, state, count: 0 };
    row.count += 1;
    rows.set(key, row);
  }
  return [...rows.values()].sort((one, other) => other.count - one.count);
}
