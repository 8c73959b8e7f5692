import type { Redis } from 'ioredis';
import { isBusyError, isServerFullReply } from '../../core/errors.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { authRefusedError, databaseRefusedError, redactPassword } from '../ioredis/connection-errors.js';
import { type ClientInternals, clientInternals, type QueuedCommand } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { isHandshakeCommand, isOwnCommand, rejectCommandsToResend } from '../ioredis/pending-commands.js';
import { markCredentialsRefused } from './retry-strategies.js';

// Methods of ioredis that handle failures. All clients share these functions, with the client as `this`.

/** Methods of the client's class, without the ones that are replaced on the client itself. */
function prototypeInternals(client: Redis): ClientInternals {
  return clientInternals(copyOf(client).Redis.prototype as Redis);
}

function connectionOfClient(client: Redis) {
  return connectionOf(clientInternals(client).connector);
}

/** Removes the password from errors of a failed handshake. Refused credentials are reported as an error of their own. */
export function recoverFromFatalError(
  this: Redis,
  commandError: Error,
  error: Error,
  options?: { readonly offlineQueue?: boolean },
): void {
  const connection = connectionOfClient(this);
  for (const each of [commandError, error]) redactPassword(each);
  const refusal = connection && authRefusedError(error, connection.facts);
  if (refusal) {
    connection.report(refusal);
    markCredentialsRefused(this.options);
  }
  const shown = connection?.passesAuthReplies ? undefined : refusal;
  // A full or busy server has not refused the waiting commands, and whether its reply arrives before the close is chance.
  const flushOptions = isServerFullReply(error) || isBusyError(error) ? { offlineQueue: false } : options;
  prototypeInternals(this).recoverFromFatalError.call(
    this,
    shown ?? commandError,
    shown ?? error,
    flushOptions,
  );
}

/**
 * Rejects waiting commands. With those that have not been sent, ioredis does not reject those that were in flight on the
 * last connection and are to be sent again, so `maxRetriesPerRequest` would not count for them.
 */
export function flushQueue(this: Redis, error: Error, options?: { readonly offlineQueue?: boolean }): void {
  prototypeInternals(this).flushQueue.call(this, error, options);
  if (options?.offlineQueue !== false) rejectCommandsToResend(this, error);
}

/**
 * Called with every error reply. The replies to commands of ours, and to those of the handshake, are not passed on to the
 * caller's `reconnectOnError`: ioredis 5 does so, and a user without the right to INFO would never become ready.
 */
export function handleReconnection(this: Redis, error: Error, item: QueuedCommand): void {
  const { command } = item;
  const isInHandshake =
    isHandshakeCommand(command) || (this.status === 'connect' && isOfHandshake(this, command));
  const connection = connectionOfClient(this);
  const refusal = isInHandshake && connection ? databaseRefusedError(error, connection.facts) : undefined;
  if (refusal) connection?.onDatabaseRefused(refusal);
  if (isOwnCommand(command) || isInHandshake) command.reject(error);
  else prototypeInternals(this).handleReconnection.call(this, error, item);
}

/** Whether ioredis sends such a command in its handshake. */
function isOfHandshake(client: Redis, { name }: QueuedCommand['command']): boolean {
  return copyOf(client).Command.checkFlag('HANDSHAKE_COMMANDS', name.toLowerCase());
}

/**
 * Emits an event. ioredis prints an `error` for which the client has no listener; one that the application hears of from
 * the factory is not printed a second time, and a failed write of a client that is closing anyway is not printed at all.
 */
export function silentEmit(this: Redis, name: string, argument?: unknown): boolean {
  const isUnheard = name === 'error' && this.listenerCount('error') === 0;
  if (isUnheard && (isWriteWhileClosing(this, argument) || connectionOfClient(this)?.isHeard(argument))) {
    return false;
  }
  return prototypeInternals(this).silentEmit.call(this, name, argument);
}

/** Commands that are sent after QUIT meet a socket that the server has closed. ioredis ignores failed reads only. */
function isWriteWhileClosing(client: Redis, error: unknown): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return clientInternals(client).manuallyClosing && syscall === 'write';
}
