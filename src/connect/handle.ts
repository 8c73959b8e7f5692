import type { Redis } from 'ioredis';
import { HygieneError } from '../core/errors.js';
import type { Work } from '../ledger/ledger.js';
import { internals, ioredis } from './ioredis.js';
import type { LinkOwner } from './link.js';

/** Whether a command waits on the server for data to come, so that nothing behind it is answered. */
function isBlocking({ name, args }: { readonly name: string; readonly args: readonly unknown[] }): boolean {
  if (!ioredis().Command.checkFlag('BLOCKING_COMMANDS', name)) return false;
  return !name.startsWith('xread') || args.some((argument) => String(argument).toUpperCase() === 'BLOCK');
}

/**
 * What the ledger and the shutdown can see and do of a client of ours.
 *
 * A class, because there is one for each connection: shared methods keep it small.
 */
export class ClientHandle implements LinkOwner {
  readonly #client: Redis;

  constructor(client: Redis) {
    this.#client = client;
  }

  isClosing(): boolean {
    return internals(this.#client).manuallyClosing;
  }

  willRedial(): boolean {
    return internals(this.#client).reconnectTimeout !== null;
  }

  work(): Work {
    const { commandQueue, offlineQueue } = internals(this.#client);
    const unsent = this.#client.autoPipelineQueueSize;
    const first = commandQueue.peekFront()?.command;
    return {
      pending: commandQueue.length + offlineQueue.length + unsent,
      unsent,
      blocked: first !== undefined && isBlocking(first),
    };
  }

  quit(): void {
    // Where QUIT cannot even be sent (no offline queue), the connection is simply closed.
    this.#client.quit().catch(() => this.#client.disconnect());
  }

  /**
   * Ends the client at once. One that waits to redial ends without an event and would leave its waiting commands
   * unanswered for ever, so they are rejected here.
   */
  destroy(): void {
    this.#client.disconnect();
    const parts = internals(this.#client);
    parts.stream?.destroy();
    if (this.#client.status !== 'reconnecting') return;
    parts.flushQueue(new HygieneError('HYG_SHUT_DOWN', 'A command was still waiting for a connection.'));
  }
}
