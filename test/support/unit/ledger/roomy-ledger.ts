import { createBudget } from '../../../../src/ledger/budget.js';
import { createCallSiteMonitor, createConnectionCounts } from '../../../../src/ledger/connection-counts.js';
import { createLedger, type Ledger, type LedgerPorts } from '../../../../src/ledger/ledger.js';

/** More connections than any test opens. */
const LARGE_LIMIT = 10_000;

/** A ledger with its own budget, which is large enough for any test by default. */
export function createRoomyLedger(ports: Pick<LedgerPorts, 'clock' | 'onMove'>, limit = LARGE_LIMIT): Ledger {
  return createLedger({
    ...ports,
    budget: createBudget({ limit, callSiteFrames: 3, counts: createConnectionCounts() }),
    callSiteMonitor: createCallSiteMonitor(LARGE_LIMIT, () => undefined),
  });
}
