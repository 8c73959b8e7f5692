import type { SubscriptionConnection } from '../connect/client/subscription-connection.js';
import {
  type NodeAddress,
  type OtherSentinel,
  readEpoch,
  readMasterAddress,
  readOtherSentinels,
} from './sentinel-replies.js';

/** Sends a command to a sentinel. */
export type SentinelCall = SubscriptionConnection['call'];

/** Commands that together ask a sentinel one thing, sent once its connection is up. */
export type SentinelQuery<Answer> = (call: SentinelCall) => Promise<Answer>;

const noop = () => undefined;

/** Form of the id of a sentinel, as of the run id of a server. */
const SENTINEL_ID = /^[0-9a-f]{40}$/;

/** Answer of a sentinel about one master. */
export interface MasterReport {
  /** Undefined if the sentinel does not know the master's name. */
  readonly master: NodeAddress | undefined;
  /** `config-epoch` of the master. Undefined if the sentinel does not report it. */
  readonly epoch: number | undefined;
  /** The sentinel's own id, which Redis reports from 6.2 on. */
  readonly id: string | undefined;
  readonly others: readonly OtherSentinel[];
}

/**
 * Asks a sentinel for a master. The address comes from GET-MASTER-ADDR-BY-NAME, which names the promoted replica
 * already during a failover; MASTER still names the old server then, so only the epoch is read from it.
 *
 * @throws Error if the sentinel refuses GET-MASTER-ADDR-BY-NAME, or the connection breaks
 */
export async function queryMaster(call: SentinelCall, name: string): Promise<MasterReport> {
  const [address, description, id, others] = await Promise.all([
    call('sentinel', 'get-master-addr-by-name', name),
    undefinedIfRejected(call('sentinel', 'master', name)),
    undefinedIfRejected(call('sentinel', 'myid')),
    undefinedIfRejected(call('sentinel', 'sentinels', name)),
  ]);
  return {
    master: readMasterAddress(address),
    epoch: readEpoch(description),
    id: typeof id === 'string' && SENTINEL_ID.test(id) ? id : undefined,
    others: readOtherSentinels(others),
  };
}

/** Resolves with undefined if a command is refused (NOPERM, unknown to an old sentinel) or lost with the connection. */
export function undefinedIfRejected(reply: Promise<unknown>): Promise<unknown> {
  return reply.catch(noop);
}
