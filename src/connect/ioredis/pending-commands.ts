import type { Redis } from 'ioredis';
import type { HygieneError } from '../../core/errors.js';
import { connectionClosedError } from './connection-errors.js';
import { type CommandQueue, type QueuedCommand, clientInternals } from './internals.js';

/** Commands that redis-hygiene has sent by itself. */
const ownCommands = new WeakSet<object>();

/** Marks a command as one of redis-hygiene, so that its failure is not taken for one of the application's commands. */
export function markOwnCommand<Sent extends object>(command: Sent): Sent {
  ownCommands.add(command);
  return command;
}

export function isOwnCommand(command: object): boolean {
  return ownCommands.has(command);
}

/** Commands that ioredis sent for its handshake. Rejecting one would be reported as a failure of the client. */
const handshakeCommands = new WeakSet<QueuedCommand['command']>();

export function isHandshakeCommand(command: QueuedCommand['command']): boolean {
  return handshakeCommands.has(command);
}

/** Marks the queued commands as handshake. Called when a connection is up and only its handshake has been sent. */
export function markHandshakeCommands(client: Redis): void {
  for (const { command } of clientInternals(client).commandQueue.toArray()) handshakeCommands.add(command);
}

/**
 * Rejects the commands that ioredis is about to forget when it dials again, so that no caller waits forever: commands
 * sent during a handshake that broke (INFO, CLIENT; in ioredis 5 also PUBLISH, TIME and others), and with
 * `autoResendUnfulfilledCommands: false` all commands that were in flight. What belongs to the introduction of the last
 * connection is not sent again either: a proxy that does not know it would close the next connection too.
 *
 * Called no earlier than at the next dial: until then ioredis takes the rejection of a handshake command for a failure of
 * the present connection, and rejects all waiting commands.
 */
export function rejectForgottenCommands(client: Redis): void {
  const { commandQueue, prevCommandQueue } = clientInternals(client);
  const isSentAgain = client.options.autoResendUnfulfilledCommands && commandQueue === prevCommandQueue;
  const error = connectionClosedError();
  const sent = commandQueue.toArray().filter(({ command }) => !handshakeCommands.has(command));
  commandQueue.clear();
  for (const queued of sent) {
    if (isSentAgain && !isOwnCommand(queued.command)) commandQueue.push(queued);
    else queued.command.reject(error);
  }
}

/** Rejects the commands that were in flight on the last connection, and that wait to be sent again on the next one. */
export function rejectCommandsToResend(client: Redis, error: Error): void {
  const { prevCommandQueue } = clientInternals(client);
  for (let first = prevCommandQueue?.shift(); first; first = prevCommandQueue?.shift()) {
    first.command.reject(error);
  }
}

/** When each command was first seen waiting, in milliseconds since the epoch. */
const firstSeenAt = new WeakMap<object, number>();

/**
 * Rejects the commands of a client without a connection that have waited for as long as a dial may take
 * (`connectTimeout`). With `maxRetriesPerRequest: null`, which BullMQ requires, commands wait without a limit.
 */
export function rejectOverdueCommands(client: Redis, now: number, createError: () => HygieneError): void {
  const { connectTimeout = 0, maxRetriesPerRequest } = client.options;
  if (maxRetriesPerRequest === null) return;
  const { prevCommandQueue, offlineQueue } = clientInternals(client);
  for (const queue of [prevCommandQueue, offlineQueue]) {
    if (queue) rejectSeenBefore(queue, now - connectTimeout, now, createError);
  }
}

function rejectSeenBefore(
  queue: CommandQueue,
  limit: number,
  now: number,
  createError: () => HygieneError,
): void {
  for (let first = queue.peekFront(); first; first = queue.peekFront()) {
    if ((firstSeenAt.get(first.command) ?? now) > limit) break;
    queue.shift();
    first.command.reject(createError());
  }
  for (const { command } of queue.toArray()) if (!firstSeenAt.has(command)) firstSeenAt.set(command, now);
}
