import type { Redis, RedisOptions } from 'ioredis';
import type { Clock } from '../../core/clock.js';
import type { HygieneError } from '../../core/errors.js';
import type { CloseReason } from '../../ledger/connection.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { blockingTimeMs } from '../ioredis/blocking-commands.js';
import { databaseRefusedError, notReadyError } from '../ioredis/connection-errors.js';
import { clientInternals } from '../ioredis/internals.js';
import { copyOf, type Ioredis } from '../ioredis/load-ioredis.js';
import type { ClientFactory } from './client-factory.js';
import { markDefaultStrategy } from './retry-strategies.js';

/** Session state of a pooled connection that no borrower has changed yet. */
export interface SessionDefaults {
  /** Connection name, as in CLIENT LIST. */
  readonly name: string;
  readonly db: number;
}

/** Listener of a pool for one of its connections. */
export interface PooledListener {
  /** The connection is ready and can be leased. */
  readonly onReady: () => void;
  /** The connection has ended and is not dialled again. */
  readonly onEnd: () => void;
  readonly onFailure: (error: Error) => void;
  /** The server has moved: another one is the master, or the replica, from now on. */
  readonly onMoved: () => void;
  /** A write was answered with READONLY: the server has become a replica. */
  readonly onReadOnly: () => void;
  /**
   * Returns the delay before attempt number `times`, in milliseconds, or `null` to give up. Called as a method of the
   * client's options, as ioredis does.
   */
  readonly retryStrategy: (this: unknown, times: number) => number | null;
}

/** Why a pool closes a connection, for the ledger. */
type PoolCloseReason = Extract<CloseReason, 'pool' | 'pool-idle'>;

/** A connection that dials until it is ready, and that is not dialled again once it is lost. */
export interface PooledConnection {
  readonly client: Redis;
  readonly sessionDefaults: SessionDefaults;
  /** Whether commands wait for their replies. */
  hasPendingCommands(): boolean;
  /** Whether a command blocks on the server until data comes. */
  isBlocked(): boolean;
  /** Whether the connection takes commands. */
  isReady(): boolean;
  /** Why the connection is not ready yet, as far as its state shows. `undefined` if it is ready, or waits to dial again. */
  notReadyError(): HygieneError | undefined;
  /** Whether quit() or disconnect() was called on the client, so that its end is no loss. */
  wasClosed(): boolean;
  /** Sends no PING while the condition holds. */
  pausePingsWhile(isPingHarmful: () => boolean): void;
  /**
   * Sends QUIT, or closes the socket's writing half when QUIT would wait behind a blocking command, so that the server
   * closes first. Destroys a connection that does not close in time.
   */
  close(reason: PoolCloseReason): void;
}

/** Options with which a pool opens its connections. */
export interface PooledOptions {
  readonly options: RedisOptions;
  /** Call site that made the pool, because the pool opens connections on its own. */
  readonly callSite: readonly string[];
}

/**
 * Options that end a connection with its first loss. State that a borrower has set (WATCH, MULTI) does not outlive the
 * connection, so nothing is carried over to another one: the borrower gets an error, and the pool opens a new connection.
 */
const SINGLE_CONNECTION: RedisOptions = {
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  lazyConnect: false,
};

/** Opens a connection for a pool, which has reserved budget for it. */
export function openPooledConnection(
  clientFactory: Pick<ClientFactory, 'createClient'>,
  { options: given, callSite }: PooledOptions,
  listener: PooledListener,
  clock: Clock,
): PooledConnection {
  const loss = { isLost: false };
  const options: RedisOptions = {
    ...given,
    ...SINGLE_CONNECTION,
    // ioredis calls this after every loss, unless its client was told to close.
    retryStrategy(this: unknown, times: number) {
      loss.isLost = true;
      return listener.retryStrategy.call(this, times);
    },
    reconnectOnError: reportReadOnly(given.reconnectOnError, listener),
  };
  const { onFailure, onMoved } = listener;
  const terms = { budgetClass: 'reserved', readsCodes: true, callSite, onFailure, onMoved } as const;
  const client = clientFactory.createClient(options, { terms });
  const copy = copyOf(client);
  restoreOptionsOfDuplicates(client, given);
  if (given.retryStrategy === undefined) markDefaultStrategy(client.options.retryStrategy);
  client.on('ready', () => listener.onReady());
  client.on('end', () => listener.onEnd());
  reportErrors(client, onFailure);
  return createPooledConnection(client, copy, loss, clock);
}

/** The reply of a replica to a write. */
const READ_ONLY_REPLY = /^READONLY/;

/** Reports READONLY replies to the pool. ioredis calls `reconnectOnError` for error replies only. */
function reportReadOnly(given: RedisOptions['reconnectOnError'], { onReadOnly }: PooledListener) {
  return (error: Error) => {
    if (READ_ONLY_REPLY.test(error.message)) onReadOnly();
    return given?.(error) ?? false;
  };
}

/** Gives a borrower's duplicate the caller's own options, because it is a client that reconnects like any other. */
function restoreOptionsOfDuplicates(client: Redis, given: RedisOptions): void {
  const { retryStrategy, reconnectOnError, autoResubscribe, autoResendUnfulfilledCommands, lazyConnect } =
    given;
  const restored = {
    retryStrategy,
    reconnectOnError,
    autoResubscribe,
    autoResendUnfulfilledCommands,
    lazyConnect,
  };
  const duplicate = client.duplicate.bind(client);
  const value = (override?: RedisOptions) => duplicate({ ...restored, ...override });
  Object.defineProperty(client, 'duplicate', { value, configurable: true, writable: true });
}

/**
 * Reports the client's errors to the pool. When the server refuses the database, which has been reported already, ioredis
 * emits the error and goes on in database 0, where a borrower would write without knowing. Such a connection is not leased,
 * and is dialled again.
 */
function reportErrors(client: Redis, onFailure: PooledListener['onFailure']): void {
  client.on('error', (error: Error) => {
    const connection = connectionOf(clientInternals(client).connector);
    const refusal = connection && databaseRefusedError(error, connection.facts);
    if (refusal) client.disconnect(true);
    else onFailure(error);
  });
}

/** Time that a connection may take to close, in milliseconds. A server that answers needs far less. */
const CLOSE_TIMEOUT_MS = 500;

function createPooledConnection(
  client: Redis,
  copy: Ioredis,
  loss: { readonly isLost: boolean },
  clock: Clock,
): PooledConnection {
  const internals = clientInternals(client);
  const connection = connectionOf(internals.connector);

  function destroy(reason: PoolCloseReason): void {
    connection?.entry?.markClosing(reason);
    connection?.destroy();
  }

  const isBlocked = () =>
    internals.commandQueue.toArray().some(({ command }) => blockingTimeMs(command, copy) !== undefined);

  return {
    client,
    sessionDefaults: { name: client.options.connectionName ?? '', db: client.options.db ?? 0 },
    hasPendingCommands: () => internals.commandQueue.length > 0,
    isBlocked,
    isReady: () =>
      client.status === 'ready' && !internals.manuallyClosing && internals.stream?.writable === true,
    notReadyError() {
      const { state, since = 0 } = connection?.entry?.info() ?? {};
      if (!connection || (state !== 'connecting' && state !== 'connected')) return undefined;
      return notReadyError(connection.facts, state, clock.now() - since);
    },
    wasClosed: () => internals.manuallyClosing || (client.status === 'end' && !loss.isLost),
    pausePingsWhile: (isPingHarmful) => connection?.owner?.pausePingsWhile(isPingHarmful),
    close(reason) {
      if (client.status !== 'ready') return destroy(reason);
      connection?.entry?.markClosing(reason);
      if (isBlocked()) client.disconnect();
      else connection?.quit();
      // After CLIENT REPLY OFF the server does not answer QUIT.
      const disconnectTimer = clock.after(CLOSE_TIMEOUT_MS / 2, () => client.disconnect());
      const destroyTimer = clock.after(CLOSE_TIMEOUT_MS, () => destroy(reason));
      client.once('end', () => {
        disconnectTimer.cancel();
        destroyTimer.cancel();
      });
    },
  };
}
