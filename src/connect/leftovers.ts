import type { Redis } from 'ioredis';
import { clientInternals, type QueuedCommand } from './ioredis.js';
import { connectionClosed } from './refusal.js';

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
