import type { Redis, RedisOptions } from 'ioredis';
import type { Clock } from '../../core/clock.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { databaseRefusal } from '../ioredis/connection-errors.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { clientInternals } from '../ioredis/internals.js';
import { isBlocking } from '../ioredis/pending-commands.js';
import type { ClientFactory } from './client-factory.js';

/** What a pooled connection is like when nobody has touched it. */
export interface SessionDefaults {
  /** As in CLIENT LIST. */
  readonly name: string;
  readonly db: number;
}

/** What a pooled connection tells, and asks. */
export interface PooledListener {
  /** It can be lent. */
  readonly onReady: () => void;
  /** It is gone, for good. */
  readonly onEnd: () => void;
  readonly onFailure: (error: Error) => void;
  /** Its server is not the one to talk to any more. */
  readonly onMoved: () => void;
  /** It was told that its server is a replica. */
  readonly onDemoted: () => void;
  /**
   * How long to wait before attempt number `times`, in milliseconds; `null`: do not dial again. Called as a method of
   * the client's options, as ioredis does.
   */
  readonly retry: (this: unknown, times: number) => number | null;
}

/** A connection with one life: it dials until it is ready, and is not dialled again once it is lost. */
export interface PooledConnection {
  readonly client: Redis;
  readonly home: SessionDefaults;
  /** Whether commands have no reply yet. */
  isBusy(): boolean;
  /** Whether one of them waits on the server until data comes. */
  isBlocked(): boolean;
  /** Whether it takes commands. */
  isUp(): boolean;
  /** Whether its client was told to close, and did not break. */
  wasClosed(): boolean;
  /** A transaction that was sent step by step is over. */
  transactionClosed(): void;
  /**
   * Says QUIT, or ends its half where QUIT would wait, so that the server has closed before we have. Destroys what
   * does not close in time.
   */
  close(): void;
}

/**
 * What a borrower set on a connection (WATCH, MULTI) does not outlive it, so nothing of it is carried over to a next
 * one: the borrower gets an error, and the pool another connection.
 */
const ONE_LIFE: RedisOptions = {
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  lazyConnect: false,
};

/** A server that answers does so in far less. */
const QUIT_MS = 500;

/** The reply of a replica to whom a write is sent: the master is another one now. */
const DEMOTED = /^READONLY/;

/** Tells the pool of replies that say where the server is not. ioredis asks this for error replies only. */
function reconnectOnError(given: RedisOptions['reconnectOnError'], { onDemoted }: PooledListener) {
  return (error: Error) => {
    if (DEMOTED.test(error.message)) onDemoted();
    return given?.(error) ?? false;
  };
}

/** What a pool's connections are opened with. */
export interface PooledOptions {
  readonly options: RedisOptions;
  /** Where the pool was made: it opens them whenever one is needed, in nobody's name. */
  readonly callSite: readonly string[];
}

/** A borrower's duplicate is a client of its own, with as many lives as any other. */
function restoreForDuplicates(client: Redis, given: RedisOptions): void {
  const { retryStrategy, reconnectOnError, autoResubscribe, autoResendUnfulfilledCommands, lazyConnect } =
    given;
  const usual = {
    retryStrategy,
    reconnectOnError,
    autoResubscribe,
    autoResendUnfulfilledCommands,
    lazyConnect,
  };
  const duplicate = client.duplicate.bind(client);
  const value = (override?: RedisOptions) => duplicate({ ...usual, ...override });
  Object.defineProperty(client, 'duplicate', { value, configurable: true, writable: true });
}

/**
 * Tells the pool of the client's errors. Where the server refuses the database, ioredis says so and goes on in database
 * 0, where a borrower would write without knowing: such a connection is not lent, and is dialled again.
 */
function tellErrors(client: Redis, onFailure: PooledListener['onFailure']): void {
  client.on('error', (error: Error) => {
    const link = connectionOf(clientInternals(client).connector);
    const refusal = link && databaseRefusal(error, link.facts);
    if (!refusal) return onFailure(error);
    link.report(refusal);
    client.disconnect(true);
  });
}

/** Opens a connection for a pool, whose place in the budget the pool has reserved. */
export function openPooled(
  opener: Pick<ClientFactory, 'client'>,
  { options: given, callSite }: PooledOptions,
  listener: PooledListener,
  clock: Clock,
): PooledConnection {
  const life = { isBroken: false };
  const options: RedisOptions = {
    ...given,
    ...ONE_LIFE,
    // ioredis asks for a next dial, unless its client was told to close.
    retryStrategy(this: unknown, times: number) {
      life.isBroken = true;
      return listener.retry.call(this, times);
    },
    reconnectOnError: reconnectOnError(given.reconnectOnError, listener),
  };
  const { onFailure, onMoved } = listener;
  const client = opener.client(options, { terms: { budgetClass: 'reserved', callSite, onFailure, onMoved } });
  restoreForDuplicates(client, given);
  client.on('ready', () => listener.onReady());
  client.on('end', () => listener.onEnd());
  tellErrors(client, onFailure);
  return describe(client, life, clock);
}

function describe(client: Redis, life: { readonly isBroken: boolean }, clock: Clock): PooledConnection {
  const parts = clientInternals(client);
  const link = connectionOf(parts.connector);

  function destroy(): void {
    link?.entry?.closing('pool');
    link?.destroy();
  }

  const isBlocked = () =>
    parts.commandQueue.toArray().some(({ command }) => isBlocking(command, copyOf(client)));

  return {
    client,
    home: { name: client.options.connectionName ?? '', db: client.options.db ?? 0 },
    isBusy: () => parts.commandQueue.length > 0,
    isBlocked,
    isUp: () => client.status === 'ready' && !parts.manuallyClosing && parts.stream?.writable === true,
    wasClosed: () => parts.manuallyClosing || (client.status === 'end' && !life.isBroken),
    transactionClosed: () => link?.owner?.transactionClosed(),
    close() {
      if (client.status !== 'ready') return destroy();
      link?.entry?.closing('pool');
      if (isBlocked()) client.disconnect();
      else link?.quit();
      // After CLIENT REPLY OFF a server has nothing to close after.
      const hanging = clock.after(QUIT_MS / 2, () => client.disconnect());
      const silent = clock.after(QUIT_MS, destroy);
      client.once('end', () => {
        hanging.cancel();
        silent.cancel();
      });
    },
  };
}
