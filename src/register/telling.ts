import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { ConnectionInfo } from '../ledger/connection.js';
import { renderLedger } from './report.js';
import { attempt } from './warning.js';

/** When the ledger may be printed. */
export const occasions = ['exit', 'SIGUSR2', 'SIGUSR1', 'SIGHUP'] as const;
type Occasion = (typeof occasions)[number];

/** What is printed: who this process is, and its ledger. Nothing where it has not used Redis. */
export type Ledger = () =>
  { readonly owner: string; readonly connections: readonly ConnectionInfo[] } | undefined;

const STANDARD_ERROR = 2;

function print(ledger: Ledger, when: string): void {
  attempt('The report of open connections', () => {
    const told = ledger();
    if (told) writeSync(STANDARD_ERROR, renderLedger(told.owner, told.connections, when));
  });
}

/** Prints the ledger to standard error on these occasions. Only the main thread hears signals. */
export function tellLedger(asked: readonly Occasion[], ledger: Ledger): void {
  for (const occasion of asked) {
    if (occasion === 'exit') process.on('exit', () => print(ledger, 'at exit'));
    else if (isMainThread) process.on(occasion, () => print(ledger, `on ${occasion}`));
  }
}
