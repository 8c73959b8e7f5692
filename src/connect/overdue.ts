import type { Redis } from 'ioredis';
import type { HygieneError } from '../core/errors.js';
import { clientInternals, type Queue } from './ioredis.js';

/** When each command was first seen to wait, in milliseconds since the epoch. */
const seenAt = new WeakMap<object, number>();

function rejectIn(queue: Queue, before: number, now: number, error: () => HygieneError): void {
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
