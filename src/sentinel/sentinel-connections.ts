import type {
  SubscriptionConnection,
  SubscriptionListener,
} from '../connect/client/subscription-connection.js';
import { type Clock, systemClock } from '../core/clock.js';
import { processWide } from '../core/process-wide.js';
import type { SentinelQuery } from './sentinel-query.js';

/** How the connection for queries to one sentinel is found or opened. */
export interface SentinelRoute {
  /** Equal for the same sentinel with the same credentials, also across factories. */
  readonly key: string;
  /** Opens a connection that is not dialled again when it is lost. */
  readonly open: (listener: SubscriptionListener) => SubscriptionConnection;
}

export interface QueryLimits {
  /** Longest time without a sign of life in milliseconds: until the connection is accepted, and until bytes come. */
  readonly timeoutMs: number;
  /** Aborted when the answer is not needed any more. */
  readonly signal: AbortSignal;
}

/** The connections over which a process asks its sentinels: at most one per sentinel, shared by all searches. */
export interface SentinelConnections {
  /**
   * Sends a query to a sentinel, over the connection that exists or over a new one.
   *
   * @throws Error if there is no answer within the time limit, if the connection ends, or if `signal` is aborted
   */
  query<Answer>(route: SentinelRoute, query: SentinelQuery<Answer>, limits: QueryLimits): Promise<Answer>;
}

/** Time for which a connection is kept after a single query, in milliseconds: clients that start together share it. */
const KEEP_MS = 250;

/**
 * The same time for a sentinel that is asked again and again. Longer than the pauses between the first five dials of a client
 * that has lost its master, so that an outage of seconds costs a dial or two per sentinel. A longer one costs less than a dial
 * per second.
 */
const KEEP_REPEATED_MS = 2_500;

export function createSentinelConnections(clock: Clock): SentinelConnections {
  const connections = new Map<string, QueryConnection>();
  /** When each sentinel was last asked, by the key of its route. */
  const askedAt = new Map<string, number>();

  function connect({ key, open }: SentinelRoute): QueryConnection {
    const known = connections.get(key);
    if (known) return known;
    const connection: QueryConnection = new QueryConnection(clock, open, () => {
      if (connections.get(key) === connection) connections.delete(key);
    });
    if (!connection.isUnusable) connections.set(key, connection);
    return connection;
  }

  function keepTimeFor({ key }: SentinelRoute): number {
    const lastAt = askedAt.get(key) ?? -Infinity;
    askedAt.set(key, clock.now());
    return clock.now() - lastAt < KEEP_REPEATED_MS ? KEEP_REPEATED_MS : KEEP_MS;
  }

  return {
    async query(route, query, limits) {
      const keepMs = keepTimeFor(route);
      const kept = connections.get(route.key);
      if (!kept?.isReady) return connect(route).query(query, limits, keepMs);
      try {
        return await kept.query(query, limits, keepMs);
      } catch (error) {
        // The sentinel may have closed the kept connection before the query was sent.
        if (!kept.isLost || limits.signal.aborted) throw error;
        return connect(route).query(query, limits, keepMs);
      }
    },
  };
}

/** The connections of this process, shared by all factories. */
export const processSentinelConnections = processWide('sentinel connections', () =>
  createSentinelConnections(systemClock),
);

/** A query that has no answer yet. */
interface RunningQuery {
  /** Sends the commands. Called once, when the connection is ready. */
  readonly send: () => void;
  /** The sentinel has given a sign of life. */
  readonly onProgress: () => void;
  readonly reject: (error: Error) => void;
}

/** One connection for queries. Kept for a while after each answer, and closed after a query without one. */
class QueryConnection {
  readonly #clock: Clock;
  readonly #connection: SubscriptionConnection;
  /** Called when the connection takes no further queries. */
  readonly #onUnusable: () => void;
  readonly #running = new Set<RunningQuery>();
  #keepTimer: ReturnType<Clock['after']> | undefined;
  #failure = new Error('the connection was closed');
  isReady = false;
  isLost = false;
  isUnusable = false;

  constructor(clock: Clock, open: SentinelRoute['open'], onUnusable: () => void) {
    this.#clock = clock;
    this.#onUnusable = onUnusable;
    this.#connection = open({
      onProgress: () => this.#running.forEach(({ onProgress }) => onProgress()),
      onConnected: () => this.#onConnected(),
      onError: (error) => (this.#failure = error),
      onDisconnected: () => this.#onLost(),
      onEnd: () => this.#onEnd(),
      onReconnecting: () => undefined,
      onMessage: () => undefined,
      onRevoked: () => undefined,
    });
  }

  #onConnected(): void {
    this.isReady = true;
    this.#running.forEach(({ send }) => send());
  }

  #onLost(): void {
    this.isLost = true;
    this.#retire();
  }

  #onEnd(): void {
    this.#onLost();
    this.#running.forEach(({ reject }) => reject(this.#failure));
  }

  #retire(): void {
    if (this.isUnusable) return;
    this.isUnusable = true;
    this.#keepTimer?.cancel();
    this.#onUnusable();
  }

  /** @param keepMs For how long the connection is kept after the answer, in milliseconds. */
  async query<Answer>(
    query: SentinelQuery<Answer>,
    { timeoutMs, signal }: QueryLimits,
    keepMs: number,
  ): Promise<Answer> {
    const { promise, resolve, reject } = withResolvers<Answer>();
    // Dial, handshake and query take several round trips. So a sentinel far away is reached, and a frozen one costs one limit.
    const timer = createSilenceTimer(this.#clock, timeoutMs, reject);
    const call: SubscriptionConnection['call'] = (...command) => this.#connection.call(...command);
    const send = () => void query(call).then(resolve, reject);
    const running: RunningQuery = { send, onProgress: timer.restart, reject };
    const abort = () => reject(new Error('another sentinel has answered'));
    signal.addEventListener('abort', abort);
    this.#start(running);
    try {
      return await promise;
    } catch (error) {
      if (isTimeout(error as Error)) this.#retire();
      throw error;
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', abort);
      this.#running.delete(running);
      if (this.#running.size === 0) this.#rest(signal.aborted ? 0 : keepMs);
    }
  }

  #start(running: RunningQuery): void {
    this.#keepTimer?.cancel();
    this.#connection.ref();
    this.#running.add(running);
    if (this.isReady) running.send();
  }

  /** Keeps an idle connection for a while, without keeping the process alive. One that cannot be used again is closed. */
  #rest(keepMs: number): void {
    if (keepMs === 0 || this.isUnusable || !this.isReady) return this.#close();
    this.#connection.unref();
    this.#keepTimer = this.#clock.after(keepMs, () => this.#close());
  }

  #close(): void {
    this.#retire();
    void this.#connection.close();
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
