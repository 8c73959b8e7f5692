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
  readSentinels,
} from './sentinel-replies.js';

/** Sends a command to a sentinel. */
export type SentinelCall = SubscriptionConnection['call'];

/** What is asked of a sentinel, over a connection that is up. */
export type Question<Answer> = (call: SentinelCall) => Promise<Answer>;

/** Opens a connection to a sentinel. One that is for a question alone does not come back when it is lost. */
export type OpenSentinel = (
  sentinel: NodeAddress,
  listener: SubscriptionListener,
  options: { once: boolean },
) => SubscriptionConnection;

export interface QuestionPorts {
  readonly clock: Clock;
  readonly open: OpenSentinel;
  /** How long a sentinel may take, from the dial to the answer. */
  readonly limitMs: number;
}

const nothing = () => undefined;

/** A refusal is an answer too: `undefined`. */
export function orNothing(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch(nothing);
}

/**
 * Puts a question to a sentinel over a connection of its own, which is closed in any case.
 *
 * @throws Error when there is no answer within the limit, or none is wanted any more
 */
export async function putQuestion<Answer>(
  { clock, open, limitMs }: QuestionPorts,
  sentinel: NodeAddress,
  question: Question<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = deferred<Answer>();
  let failure = new Error('The connection was closed');
  const line = open(
    sentinel,
    {
      onUp: () => void question((...command) => line.call(...command)).then(resolve, reject),
      onError: (error) => (failure = error),
      onEnd: () => reject(failure),
      onDown: nothing,
      onRedial: nothing,
      onMessage: nothing,
      onRevoked: nothing,
    },
    { once: true },
  );
  const timer = clock.after(limitMs, () => reject(new Error(`it did not answer within ${limitMs} ms`)));
  const abort = () => reject(new Error('another sentinel has answered'));
  signal.addEventListener('abort', abort);
  try {
    return await promise;
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', abort);
    void line.close();
  }
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function deferred<Value>(): Deferred<Value> {
  const parts: Partial<Deferred<Value>> = {};
  const promise = new Promise<Value>((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return { ...(parts as Deferred<Value>), promise };
}

/** What a sentinel says of a master when it is asked. */
export interface MasterReport {
  /** Nothing where it knows no master of this name. */
  readonly master: NodeAddress | undefined;
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
export async function askForMaster(call: SentinelCall, name: string): Promise<MasterReport> {
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
