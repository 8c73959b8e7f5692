import type { Redis } from 'ioredis';
import { copyOf } from '../ioredis/load-ioredis.js';

/**
 * Sends MONITOR for a client that `monitor()` has made, and takes what follows the reply for monitored commands at once.
 * ioredis does so one step later. On a busy server the first lines come in one piece with the reply, and ioredis emits an
 * `error` for each of them ("Command queue state error"), which nobody can listen for yet.
 */
function enterMonitorMode(client: Redis): Promise<unknown> {
  const command = new (copyOf(client).Command)('monitor', [], { replyEncoding: 'utf8' });
  const { resolve } = command;
  command.resolve = (reply) => {
    if (client.status === 'ready') (client as { status: string }).status = 'monitoring'; // its type lacks this status
    resolve(reply);
  };
  return client.sendCommand(command) as Promise<unknown>;
}

/** The `call` of a client that `monitor()` has made. By it, ioredis sends MONITOR as soon as the client is ready. */
export const monitorCall: PropertyDescriptor = { value: call, configurable: true, writable: true };

function call(this: Redis, ...args: Parameters<Redis['call']>): unknown {
  if (args[0] === 'monitor') return enterMonitorMode(this);
  return copyOf(this).Redis.prototype.call.apply(this, args);
}
