import { createBudget } from '../../../../src/ledger/budget.js';
import { createConnectionCounts, createCallSiteMonitor } from '../../../../src/ledger/connection-counts.js';
import { createLedger, type Ledger, type LedgerPorts } from '../../../../src/ledger/ledger.js';

const PLENTY = 10_000;

/** A ledger with a budget of its own that has room for all that a test opens, unless told otherwise. */
export function createRoomyLedger(ports: Pick<LedgerPorts, 'clock' | 'onMove'>, limit = PLENTY): Ledger {
  return createLedger({
    ...ports,
    budget: createBudget({ limit, callSiteFrames: 3, holdings: createConnectionCounts() }),
    suspects: createCallSiteMonitor(PLENTY, () => undefined),
  });
}
