import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { ConnectionInfo } from '../ledger/connection.js';
import { attempt } from './warnings.js';

/** When the ledger may be printed. */
export const occasions = ['exit', 'SIGUSR2', 'SIGUSR1', 'SIGHUP'] as const;
type Occasion = (typeof occasions)[number];

/** What is printed: who this process is, and its ledger. Nothing where it has not used Redis. */
export type LedgerReader = () =>
  { readonly owner: string; readonly connections: readonly ConnectionInfo[] } | undefined;

const STANDARD_ERROR = 2;

function print(ledger: LedgerReader, when: string): void {
  attempt('The report of open connections', () => {
    const told = ledger();
    if (told) writeSync(STANDARD_ERROR, renderLedger(told.owner, told.connections, when));
  });
}

/** Prints the ledger to standard error on these occasions. Only the main thread hears signals. */
export function tellLedger(asked: readonly Occasion[], ledger: LedgerReader): void {
  for (const occasion of asked) {
    if (occasion === 'exit') process.on('exit', () => print(ledger, 'at exit'));
    else if (isMainThread) process.on(occasion, () => print(ledger, `on ${occasion}`));
  }
}

/** The connections of one line of code that are alike. */
interface Line {
  readonly site: string;
  readonly role: string;
  readonly target: string;
  readonly state: string;
  count: number;
}

const UNKNOWN_SITE = '(not known)';

function linesOf(connections: readonly ConnectionInfo[]): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const { role, target, state, callSite } of connections) {
    const site = callSite[0] ?? UNKNOWN_SITE;
    const key = [site, role, target, state].join('\n');
    const line = lines.get(key) ?? { site, role, target, state, count: 0 };
    line.count += 1;
    lines.set(key, line);
  }
  return [...lines.values()].sort((one, other) => other.count - one.count);
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}

/**
 * The ledger by call site, as text: how many, what for, where to, in which state, and the line that opened them.
 *
 * @param when Why it is told, `at exit` or `on SIGUSR2`.
 */
export function renderLedger(owner: string, connections: readonly ConnectionInfo[], when: string): string {
  const total = connections.length === 1 ? '1 connection' : `${connections.length} connections`;
  const heading = `redis-hygiene: ${owner} has ${total} open ${when}`;
  if (connections.length === 0) return `${heading}\n`;
  const lines = linesOf(connections);
  const columns = (['role', 'target', 'state'] as const).map((key) => ({
    key,
    width: widest(lines.map((line) => line[key])),
  }));
  const rows = lines.map((line) => {
    const cells = columns.map(({ key, width }) => line[key].padEnd(width));
    return `  ${String(line.count).padStart(6)}  ${cells.join('  ')}  ${line.site}`;
  });
  return `${[heading, ...rows].join('\n')}\n`;
}
