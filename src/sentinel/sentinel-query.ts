import type {
  SubscriptionConnection,
  SubscriptionListener,
} from '../connect/client/subscription-connection.js';
import type { Clock } from '../core/clock.js';
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

/** Opens a connection to a sentinel. With `once` it is not dialled again when it is lost. */
export type OpenSentinelConnection = (
  sentinel: NodeAddress,
  listener: SubscriptionListener,
  options: { once: boolean },
) => SubscriptionConnection;

export interface SentinelQueryPorts {
  readonly clock: Clock;
  readonly open: OpenSentinelConnection;
  /** Longest time without a sign of life in milliseconds: until the connection is accepted, and until bytes come. */
  readonly timeoutMs: number;
}

const noop = () => undefined;

/**
 * Sends a query to a sentinel over a connection of its own, and closes that connection in any case.
 *
 * @throws Error if there is no answer within the time limit, if the connection ends, or if `signal` is aborted
 */
export async function querySentinel<Answer>(
  { clock, open, timeoutMs }: SentinelQueryPorts,
  sentinel: NodeAddress,
  query: SentinelQuery<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = withResolvers<Answer>();
  let failure = new Error('the connection was closed');
  // Dial, handshake and query take several round trips. So a sentinel far away is reached, and a frozen one costs one limit.
  const timer = createSilenceTimer(clock, timeoutMs, reject);
  const connection = open(
    sentinel,
    {
      onProgress: timer.restart,
      onConnected: () => void query((...command) => connection.call(...command)).then(resolve, reject),
      onError: (error) => (failure = error),
      onEnd: () => reject(failure),
      onDisconnected: noop,
      onReconnecting: noop,
      onMessage: noop,
      onRevoked: noop,
    },
    { once: true },
  );
  const abort = () => reject(new Error('another sentinel has answered'));
  signal.addEventListener('abort', abort);
  try {
    return await promise;
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', abort);
    void connection.close();
  }
}

function createSilenceTimer(clock: Clock, timeoutMs: number, onTimeout: (error: Error) => void) {
  const message = `no answer within ${timeoutMs} ms, see sentinelTimeoutMs`;
  const start = () =>
    clock.after(timeoutMs, () => onTimeout(Object.assign(new Error(message), { code: 'ETIMEDOUT' })));
  let timer = start();
  const restart = () => {
    timer.cancel();
    timer = start();
  };
  return { restart, cancel: () => timer.cancel() };
}

/** Whether a sentinel has not answered in time. */
export function isTimeout({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ETIMEDOUT';
}

interface Resolvers<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<Value>(): Resolvers<Value> {
  const parts: Partial<Resolvers<Value>> = {};
  const promise = new Promise<Value>((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return { ...(parts as Resolvers<Value>), promise };
}

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
    id: typeof id === 'string' ? id : undefined,
    others: readOtherSentinels(others),
  };
}

/** Resolves with undefined if a command is refused (NOPERM, unknown to an old sentinel) or lost with the connection. */
export function undefinedIfRejected(reply: Promise<unknown>): Promise<unknown> {
  return reply.catch(noop);
}
