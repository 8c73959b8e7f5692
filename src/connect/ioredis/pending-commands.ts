import type { Redis } from 'ioredis';
import type { HygieneError } from '../../core/errors.js';
import { connectionClosed } from './connection-errors.js';
import type { CommandQueue, QueuedCommand } from './internals.js';
import { type Ioredis } from './load-ioredis.js';
import { clientInternals } from './internals.js';

/** Commands of ioredis itself, with which a connection begins: their failure would be told as the client's. */
const own = new WeakSet<QueuedCommand['command']>();

/** A connection is up, and nothing but the handshake of ioredis has been sent on it. */
export function noteHandshake(client: Redis): void {
  for (const { command } of clientInternals(client).commandQueue.toArray()) own.add(command);
}

/**
 * Rejects what ioredis is about to forget when it dials again, so that nobody waits for it for ever: commands that
 * were sent during a handshake which broke (INFO, CLIENT; in ioredis 5 also PUBLISH, TIME and others), and with
 * `autoResendUnfulfilledCommands: false` all that were in flight. Not before the next dial: until then ioredis takes
 * the failure of a handshake's command for that of the present connection, and rejects everything that waits.
 */
export function rejectLeftovers(client: Redis): void {
  const { commandQueue, prevCommandQueue } = clientInternals(client);
  const isSentAgain = client.options.autoResendUnfulfilledCommands && commandQueue === prevCommandQueue;
  if (isSentAgain) return;
  const error = connectionClosed();
  const left = commandQueue.toArray().filter(({ command }) => !own.has(command));
  commandQueue.clear();
  left.forEach(({ command }) => command.reject(error));
}

/** When each command was first seen to wait, in milliseconds since the epoch. */
const seenAt = new WeakMap<object, number>();

function rejectIn(queue: CommandQueue, before: number, now: number, error: () => HygieneError): void {
  for (let first = queue.peekFront(); first; first = queue.peekFront()) {
    if ((seenAt.get(first.command) ?? now) > before) break;
    queue.shift();
    first.command.reject(error());
  }
  for (const { command } of queue.toArray()) if (!seenAt.has(command)) seenAt.set(command, now);
}

/**
 * Rejects the commands of a client without a connection that have waited for as long as a dial may take. A client that
 * never gives up on a command (`maxRetriesPerRequest: null`, as BullMQ wants it) lets them wait.
 */
export function rejectOverdue(client: Redis, now: number, error: () => HygieneError): void {
  const { connectTimeout = 0, maxRetriesPerRequest } = client.options;
  if (maxRetriesPerRequest === null) return;
  const { prevCommandQueue: toBeResent, offlineQueue } = clientInternals(client);
  for (const queue of [toBeResent, offlineQueue]) {
    if (queue) rejectIn(queue, now - connectTimeout, now, error);
  }
}

/** Whether a command waits on the server for data to come, so that nothing behind it is answered. */
export function isBlocking(
  { name, args }: { readonly name: string; readonly args: readonly unknown[] },
  { Command }: Pick<Ioredis, 'Command'>,
): boolean {
  const command = name.toLowerCase();
  if (command === 'wait' || command === 'waitaof') return true; // ioredis does not count them among these
  if (!Command.checkFlag('BLOCKING_COMMANDS', command)) return false;
  return !command.startsWith('xread') || args.some((argument) => String(argument).toUpperCase() === 'BLOCK');
}
