import type { Redis } from 'ioredis';
import { HygieneError } from '../../core/errors.js';
import type { PendingWork } from '../../ledger/connection.js';
import type { Expectation } from '../../liveness/health-check-target.js';
import type { ConnectionOwner } from '../connection/connection-terms.js';
import { connectionClosed } from '../ioredis/connection-errors.js';
import type { CommandQueue, QueuedCommand } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { clientInternals } from '../ioredis/internals.js';
import { isBlocking, rejectOverdue } from '../ioredis/pending-commands.js';

/** A subclass may have its own sendCommand, which may throw, and give another promise. */
function attempt(send: () => unknown): Promise<unknown> {
  return new Promise((resolve) => resolve(send()));
}

/** The heartbeat's own commands. */
const pings = new WeakSet<object>();

/** CLIENT SETINFO belongs to the handshake. On a socket that broke meanwhile ioredis takes it for a command to keep. */
function isOfHandshake({ command }: QueuedCommand): boolean {
  return command.name.toLowerCase() === 'client' && String(command.args[0]).toUpperCase() === 'SETINFO';
}

/** QUIT closes the connection itself, and nobody waits for our own PING. */
function isAwaited(queued: QueuedCommand): boolean {
  const { command } = queued;
  return command.name.toLowerCase() !== 'quit' && !pings.has(command) && !isOfHandshake(queued);
}

/** Commands that somebody waits for. */
function countAwaited(queue: CommandQueue): number {
  return queue.toArray().filter(isAwaited).length;
}

/**
 * What the ledger and the shutdown can see and do of a client of ours.
 *
 * A class, because there is one for each connection: shared methods keep it small.
 */
export class ClientHandle implements ConnectionOwner {
  readonly #client: Redis;
  #mayBeInTransaction = false;

  constructor(client: Redis) {
    this.#client = client;
  }

  clusterCallSite(): readonly string[] | undefined {
    return undefined;
  }

  isClosing(): boolean {
    return clientInternals(this.#client).manuallyClosing;
  }

  willRedial(): boolean {
    return clientInternals(this.#client).reconnectTimeout !== null;
  }

  work(): PendingWork {
    const { commandQueue, offlineQueue } = clientInternals(this.#client);
    const unsent = this.#client.autoPipelineQueueSize;
    const first = commandQueue.peekFront()?.command;
    return {
      pending: this.#sent() + countAwaited(offlineQueue) + unsent,
      unsent,
      blocked: first !== undefined && isBlocking(first, copyOf(this.#client)),
    };
  }

  dialNow(): void {
    const parts = clientInternals(this.#client);
    if (this.#client.status !== 'reconnecting' || parts.reconnectTimeout === null) return;
    clearTimeout(parts.reconnectTimeout as NodeJS.Timeout);
    parts.reconnectTimeout = null;
    this.#client.connect().catch(() => undefined); // as ioredis' own timer does: it is told by events
  }

  /** Where it ends is not known, so this client is not pinged any more. */
  transactionOpened(): void {
    this.#mayBeInTransaction = true;
  }

  transactionClosed(): void {
    this.#mayBeInTransaction = false;
  }

  expects(): Expectation {
    const status: string = this.#client.status; // its type knows no 'monitoring'
    const { commandQueue } = clientInternals(this.#client);
    const first = commandQueue.peekFront()?.command;
    if (status === 'monitoring') return 'data';
    if (first && isBlocking(first, copyOf(this.#client))) return 'data';
    if (first) return 'answer';
    return status === 'connect' || (status === 'ready' && this.#mayBePinged()) ? 'nothing' : 'data';
  }

  /** With a `socketTimeout` ioredis itself would take an unanswered PING for the end of the connection. */
  #mayBePinged(): boolean {
    return !this.#mayBeInTransaction && this.#client.options.socketTimeout === undefined;
  }

  /** The answer is read off the socket, whatever its shape: the majors and the modes differ there. */
  ping(): void {
    const ping = new (copyOf(this.#client).Command)('ping');
    pings.add(ping);
    const ignore = () => undefined; // a connection that breaks is told elsewhere
    ping.promise.catch(ignore);
    attempt(() => this.#client.sendCommand(ping)).catch(ignore);
  }

  /** ioredis would send them again, and the server, which has them, may run them yet. */
  rejectSent(error: HygieneError): void {
    clientInternals(this.#client).flushQueue(error, { offlineQueue: false });
  }

  rejectOverdue(now: number, error: () => HygieneError): void {
    rejectOverdue(this.#client, now, error);
  }

  /** While a client is not ready its command queue holds a handshake, and nobody waits for that. */
  #sent(): number {
    const { commandQueue, prevCommandQueue: toBeResent } = clientInternals(this.#client);
    const status: string = this.#client.status; // its type knows no 'monitoring'
    if (status === 'ready' || status === 'monitoring') return countAwaited(commandQueue);
    return toBeResent ? countAwaited(toBeResent) : 0;
  }

  /** One pair for each dial that was refused: QUIT would wait behind them for the next connection. */
  closed(): void {
    const { offlineQueue } = clientInternals(this.#client);
    for (let left = offlineQueue.length; left > 0; left -= 1) {
      const queued = offlineQueue.shift() as QueuedCommand;
      if (isOfHandshake(queued)) queued.command.reject(connectionClosed());
      else offlineQueue.push(queued);
    }
  }

  /** ioredis forgets what it was about to send again on a connection that ends in its handshake. */
  ended(): void {
    const parts = clientInternals(this.#client);
    const error = connectionClosed();
    parts.manuallyClosing = false; // as it is after a socket has closed: the next one is not to be its last
    parts.prevCommandQueue?.toArray().forEach(({ command }) => command.reject(error));
    parts.prevCommandQueue = null;
  }

  quit(): void {
    // Where QUIT cannot even be sent (no offline queue), the connection is simply closed.
    attempt(() => this.#client.quit()).catch(() => this.#client.disconnect());
  }

  /**
   * Ends the client at once. One that waits to redial would neither end nor answer what waits for it, now and
   * later, so it is ended here.
   */
  destroy(): void {
    this.#client.disconnect();
    const parts = clientInternals(this.#client);
    parts.stream?.destroy();
    if (this.#client.status !== 'reconnecting') return;
    parts.setStatus('end');
    parts.flushQueue(new HygieneError('HYG_SHUT_DOWN', 'A command was still waiting for a connection.'));
  }
}
