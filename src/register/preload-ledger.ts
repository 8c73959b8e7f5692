import type { Ioredis } from '../connect/ioredis/load-ioredis.js';
import { readWords } from '../core/variables.js';
import { warn } from '../core/warnings.js';
import {
  type AssembledConnections,
  type AssembledLedger,
  assembleConnections,
  assembleLedger,
} from '../factory/connections.js';
import { formatConnectionName } from '../identity/connection-name.js';
import { installYieldingHooks } from '../shutdown/shutdown-hooks.js';
import type { LedgerReader } from './ledger-report.js';
import { detectProcessIdentity } from './preload-identity.js';
import { warnOfVariable } from './warnings.js';

let ledger: AssembledLedger | undefined;

/** The ledger of this process, for the clients of all libraries. Made with the first client. */
export function openLedger(): AssembledLedger {
  if (ledger) return ledger;
  ledger = assembleLedger(detectProcessIdentity(), { pools: () => [], budgetPolicy: 'warn' });
  warnOnEvents(ledger);
  installSignalHooks(ledger);
  return ledger;
}

let connections: AssembledConnections | undefined;

/** The connections of all copies of ioredis. The copy of the first client also makes the connections to sentinels. */
export function openConnections(copy: Ioredis): AssembledConnections {
  connections ??= assembleConnections(openLedger(), { copy, authErrors: 'reply', eventsFor: 'preload' });
  return connections;
}

/** Reads the ledger. Undefined if there was no client yet. */
export const readLedger: LedgerReader = () => {
  if (!ledger) return undefined;
  return { owner: formatConnectionName(ledger.identity), connections: ledger.ledger.snapshot() };
};

/** Emits warnings for events that the operator would not learn of otherwise. */
function warnOnEvents({ events }: AssembledLedger): void {
  events.on('error', ({ code, message }) => {
    if (code === 'HYG_LIMIT_CONNECTIONS') warn('HYG_PRELOAD_BUDGET', message, 'budget');
    if (code === 'HYG_VARIABLE') warn(code, message);
  });
  events.on('suspect', ({ location, count, limit }) =>
    warn(
      'HYG_PRELOAD_SUSPECT',
      `${location} has ${count} clients open, more than the limit of ${limit}. Create one client per process and share it.`,
      location,
    ),
  );
}

/** Closes the connections on the signals that the operator asks for, and ends the process unless the program does. */
function installSignalHooks(parts: AssembledLedger): void {
  const signals = readWords(
    process.env,
    'REDIS_HYGIENE_SHUTDOWN',
    ['SIGTERM', 'SIGINT', 'SIGHUP'],
    warnOfVariable,
  );
  if (signals.length > 0) installYieldingHooks(parts, { signals });
}
