import type { Address } from './address.js';
import { orNothing, type Call } from './question.js';
import { readEpoch, readMasterAddress, readSentinels, type OtherSentinel } from './replies.js';

/** What a sentinel says of a master when it is asked. */
export interface MasterReport {
  /** Nothing where it knows no master of this name. */
  readonly master: Address | undefined;
  readonly epoch: number | undefined;
  /** The sentinel's own id, from Redis 6.2 on. */
  readonly id: string | undefined;
  readonly others: readonly OtherSentinel[];
}

/**
 * Asks a sentinel for a master. While a failover is under way it is the address that is told first
 * (GET-MASTER-ADDR-BY-NAME gives the promoted replica, MASTER still the old one), so it is taken from there.
 *
 * @throws Error the sentinel's refusal, or that of a broken connection
 */
export async function askForMaster(call: Call, name: string): Promise<MasterReport> {
  const [address, description, id, others] = await Promise.all([
    call('sentinel', 'get-master-addr-by-name', name),
    orNothing(call('sentinel', 'master', name)),
    orNothing(call('sentinel', 'myid')),
    orNothing(call('sentinel', 'sentinels', name)),
  ]);
  return {
    master: readMasterAddress(address),
    epoch: readEpoch(description),
    id: typeof id === 'string' ? id : undefined,
    others: readSentinels(others),
  };
}
