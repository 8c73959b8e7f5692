import type { Redis } from 'ioredis';
import { HygieneError } from '../core/errors.js';
import { internals, ioredis } from './ioredis.js';
import type { LinkOwner } from './link.js';

/** Whether a command waits on the server for data to come, so that nothing behind it is answered. */
function isBlocking({ name, args }: { readonly name: string; readonly args: readonly unknown[] }): boolean {
  if (!ioredis().Command.checkFlag('BLOCKING_COMMANDS', name)) return false;
  return !name.startsWith('xread') || args.some((argument) => String(argument).toUpperCase() === 'BLOCK');
}

function pendingCommands(client: Redis): number {
  const { commandQueue, offlineQueue } = internals(client);
  return commandQueue.length + offlineQueue.length + client.autoPipelineQueueSize;
}

/**
 * Ends a client at once. A client that waits to redial ends without an event and would leave its waiting
 * commands unanswered for ever, so they are rejected here.
 */
function destroy(client: Redis): void {
  client.disconnect();
  internals(client).stream?.destroy();
  if (client.status === 'reconnecting') {
    internals(client).flushQueue(
      new HygieneError('HYG_SHUT_DOWN', 'A command was still waiting for a connection.'),
    );
  }
}

/** What the ledger and the shutdown can see and do of a client of ours. */
export function clientHandle(client: Redis): LinkOwner {
  const parts = internals(client);
  return {
    isClosing: () => parts.manuallyClosing,
    willRedial: () => parts.reconnectTimeout !== null,
    work() {
      const first = parts.commandQueue.peekFront()?.command;
      return {
        pending: pendingCommands(client),
        unsent: client.autoPipelineQueueSize,
        blocked: first !== undefined && isBlocking(first),
      };
    },
    quit() {
      // Where QUIT cannot even be sent (no offline queue), the connection is simply closed.
      client.quit().catch(() => client.disconnect());
    },
    destroy: () => destroy(client),
  };
}
