import type { Redis } from 'ioredis';
import { systemClock } from '../../core/clock.js';
import { HygieneError } from '../../core/errors.js';
import type { PendingWork, Progress } from '../../ledger/connection.js';
import type { Expectation } from '../../liveness/health-check-target.js';
import type { ConnectionOwner } from '../connection/connection-terms.js';
import { blockingTimeMs } from '../ioredis/blocking-commands.js';
import { whenReplied } from '../ioredis/command-replies.js';
import { connectionClosedError } from '../ioredis/connection-errors.js';
import { clientInternals, type CommandQueue, type QueuedCommand } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import {
  isOwnCommand,
  markOwnCommand,
  rejectCommandsToResend,
  rejectOverdueCommands,
} from '../ioredis/pending-commands.js';
import { OpenTransaction } from './open-transaction.js';
import { hasDefaultDelay } from './retry-strategies.js';
import { forgetWatches, guardWatch } from './watch-guard.js';

const NEVER = () => false;

/**
 * An enforced client, as its connection, the ledger and the shutdown see it.
 *
 * A class, because there is one for each connection: shared methods keep it small.
 */
export class ClientHandle implements ConnectionOwner {
  readonly #client: Redis;
  #transaction: OpenTransaction | undefined;
  #isPingHarmful: () => boolean = NEVER;
  /** The blocking command that was seen last at the head of the queue, and until when it may block. */
  #blocking: { readonly command: object; readonly until: number } | undefined;

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

  selectedDatabase(): number {
    return clientInternals(this.#client).condition.select;
  }

  work(): PendingWork {
    const progress = this.progress();
    const { offlineQueue } = clientInternals(this.#client);
    return { pending: this.#countSent() + countAwaited(offlineQueue) + progress.unsent, ...progress };
  }

  isInUse(): boolean {
    return clientInternals(this.#client).commandQueue.length > 0;
  }

  progress(): Progress {
    const first = clientInternals(this.#client).commandQueue.peekFront()?.command;
    return {
      unsent: this.#client.autoPipelineQueueSize,
      isBlocked: first !== undefined && blockingTimeMs(first, copyOf(this.#client)) !== undefined,
    };
  }

  /** While a client is not ready, its command queue holds the handshake, which no caller waits for. */
  #countSent(): number {
    const { commandQueue, prevCommandQueue } = clientInternals(this.#client);
    const status: string = this.#client.status; // its type lacks 'monitoring'
    if (status === 'ready' || status === 'monitoring') return countAwaited(commandQueue);
    return prevCommandQueue ? countAwaited(prevCommandQueue) : 0;
  }

  dialNow(): void {
    if (this.#client.status !== 'reconnecting' || !this.willRedial()) return;
    this.#cancelRedial();
    this.#client.connect().catch(() => undefined); // as ioredis' own timer does: events report the failure
  }

  skipDefaultDelay(): void {
    if (hasDefaultDelay(this.#client.options)) this.dialNow();
  }

  /**
   * ioredis only cancels the redial: the client would stay `reconnecting`, and its commands would wait forever. It ends in a
   * later turn of the event loop, so that code behind `await client.quit()` can still listen for `end`.
   */
  endWait(): void {
    if (this.#client.status !== 'reconnecting') return;
    setImmediate(() => {
      if (this.#client.status === 'reconnecting' && this.isClosing()) this.#end(connectionClosedError());
    });
  }

  #cancelRedial(): void {
    const internals = clientInternals(this.#client);
    clearTimeout(internals.reconnectTimeout as NodeJS.Timeout);
    internals.reconnectTimeout = null;
  }

  /** Ends a client that has no socket. */
  #end(error: Error): void {
    const internals = clientInternals(this.#client);
    this.#cancelRedial();
    internals.setStatus('end');
    internals.flushQueue(error);
  }

  onTransactionOpening(): void {
    this.#transaction ??= new OpenTransaction(this.#client, () => (this.#transaction = undefined));
  }

  onWatchOpening(): void {
    guardWatch(this.#client);
  }

  isInTransaction(): boolean {
    return this.#transaction?.isOpen ?? false;
  }

  pausePingsWhile(isPingHarmful: () => boolean): void {
    this.#isPingHarmful = isPingHarmful;
  }

  expectation(): Expectation {
    const status: string = this.#client.status; // its type lacks 'monitoring'
    const { commandQueue } = clientInternals(this.#client);
    const first = commandQueue.peekFront()?.command;
    if (status === 'monitoring') return 'data';
    if (first) return this.#isBlocking(first) ? 'data' : 'answer';
    return status === 'connect' || (status === 'ready' && this.#mayBePinged()) ? 'nothing' : 'data';
  }

  /**
   * Whether the command at the head of the queue may still block. A health check asks only while nothing comes, so its time
   * is counted from the first such question.
   */
  #isBlocking(first: QueuedCommand['command']): boolean {
    const timeMs = blockingTimeMs(first, copyOf(this.#client));
    if (timeMs === undefined) return false;
    const now = systemClock.now();
    if (first !== this.#blocking?.command) this.#blocking = { command: first, until: now + timeMs };
    return now <= this.#blocking.until;
  }

  mayBeAsked(): boolean {
    const { commandQueue, condition, manuallyClosing } = clientInternals(this.#client);
    if (this.#client.status !== 'ready' || manuallyClosing || condition.subscriber) return false;
    const isBlocking = ({ command }: QueuedCommand) =>
      blockingTimeMs(command, copyOf(this.#client)) !== undefined;
    return this.#mayBePinged() && !commandQueue.toArray().some(isBlocking);
  }

  #mayBePinged(): boolean {
    return !this.isInTransaction() && !this.#isPingHarmful();
  }

  /**
   * Sends PING. Health checks see its answer as bytes on the socket, because its shape differs between majors and modes.
   */
  ping(): Promise<unknown> {
    const ping = markOwnCommand(new (copyOf(this.#client).Command)('ping'));
    whenReplied(ping, ({ kind }) => kind === 'queued' && this.#onPingQueued());
    const ignore = () => undefined; // a connection that breaks is reported elsewhere
    ping.promise.catch(ignore);
    withoutSocketTimeout(this.#client, () => {
      attempt(() => this.#client.sendCommand(ping)).catch(ignore);
    });
    return ping.promise;
  }

  /** A transaction is open whose MULTI was not noticed. */
  #onPingQueued(): void {
    this.#transaction ??= OpenTransaction.foundByPing(this.#client, () => (this.#transaction = undefined));
  }

  /** ioredis would send these commands again, although the server has received them and may still run them. */
  rejectSentCommands(error: HygieneError): void {
    clientInternals(this.#client).flushQueue(error, { offlineQueue: false });
  }

  rejectOverdueCommands(now: number, createError: () => HygieneError): void {
    rejectOverdueCommands(this.#client, now, createError);
  }

  /**
   * Ends a transaction, and rejects the SETINFO commands that ioredis keeps in the offline queue, a pair for each dial that
   * was refused. A QUIT would wait behind them for the next connection.
   */
  onSocketClosed(): void {
    this.#transaction?.onSocketClosed();
    const { offlineQueue } = clientInternals(this.#client);
    for (let left = offlineQueue.length; left > 0; left -= 1) {
      const queued = offlineQueue.shift() as QueuedCommand;
      if (isSetInfo(queued)) queued.command.reject(connectionClosedError());
      else offlineQueue.push(queued);
    }
  }

  /** When a connection ends in its handshake, ioredis forgets the commands that it was about to send again. */
  onEnded(): void {
    const internals = clientInternals(this.#client);
    internals.manuallyClosing = false; // as after the close of a socket, so that the next connection may redial
    rejectCommandsToResend(this.#client, connectionClosedError());
    internals.prevCommandQueue = null;
    forgetWatches(this.#client);
  }

  quit(): void {
    // Without an offline queue QUIT cannot be sent now, so the connection is closed.
    attempt(() => this.#client.quit()).catch(() => this.#client.disconnect());
  }

  destroy(): void {
    this.#client.disconnect();
    clientInternals(this.#client).stream?.destroy();
    if (this.#client.status !== 'reconnecting') return;
    this.#end(new HygieneError('HYG_SHUT_DOWN', 'A command was still waiting for a connection.'));
  }
}

/**
 * Sends a command without starting the timer of `socketTimeout`, with which ioredis would close an idle connection to a
 * server that is only slow. The next command of the application starts the timer.
 */
function withoutSocketTimeout(client: Redis, send: () => void): void {
  const internals = clientInternals(client);
  if (client.options.socketTimeout === undefined || internals.socketTimeoutTimer !== undefined) return send();
  internals.socketTimeoutTimer = null;
  send();
  if (internals.socketTimeoutTimer === null) internals.socketTimeoutTimer = undefined;
}

/** Makes any result or exception a promise: the sendCommand of a subclass may throw, or return another promise. */
function attempt(send: () => unknown): Promise<unknown> {
  return new Promise((resolve) => resolve(send()));
}

/** Number of commands whose answer a caller waits for. */
function countAwaited(queue: CommandQueue): number {
  return queue.toArray().filter(isAwaited).length;
}

/** QUIT closes the connection itself, and no caller waits for SETINFO or a command of ours. */
function isAwaited(queued: QueuedCommand): boolean {
  const { command } = queued;
  return command.name.toLowerCase() !== 'quit' && !isOwnCommand(command) && !isSetInfo(queued);
}

/** CLIENT SETINFO belongs to the handshake. When the socket broke meanwhile, ioredis queues it like any other command. */
function isSetInfo({ command }: QueuedCommand): boolean {
  return command.name.toLowerCase() === 'client' && String(command.args[0]).toUpperCase() === 'SETINFO';
}
