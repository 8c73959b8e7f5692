import type { Redis } from 'ioredis';
import { type SentCommand, transactionAfter, whenReplied } from '../ioredis/command-replies.js';
import { clientInternals, type CommandQueue } from '../ioredis/internals.js';
import { interceptCommands } from './intercept-commands.js';

/**
 * A transaction whose commands are sent one by one, from MULTI to its end: until then a PING would become one of its
 * steps. Only while a transaction is open, the client's commands are intercepted for the end: a reply to EXEC, DISCARD or
 * RESET, or the loss of the connection. A refusal that leaves the transaction open (NOPERM) is no end.
 *
 * Most transactions are noticed when MULTI is sent. One that is not (MULTI was given to `sendCommand()`) is found by the
 * health check's PING, whose reply is QUEUED: then the PONG is taken out of the replies to EXEC.
 */
export class OpenTransaction {
  readonly #client: Redis;
  readonly #onEnded: () => void;
  readonly #restore: () => boolean;
  /** Number of MULTI commands sent. A reply to an EXEC that was sent before the last one ends nothing. */
  #count = 0;
  #isOpen = true;
  /** How many steps the server has queued behind the PING by which the transaction was found. */
  #stepsBehindPing: number | undefined;

  /** Call before MULTI is sent. */
  constructor(client: Redis, onEnded: () => void) {
    this.#client = client;
    this.#onEnded = onEnded;
    this.#restore = interceptCommands(client, (command) => this.#record(command));
  }

  /** A transaction that is open already: the server has just queued a PING of ours. */
  static foundByPing(client: Redis, onEnded: () => void): OpenTransaction {
    const transaction = new OpenTransaction(client, onEnded);
    transaction.#count = 1;
    transaction.#stepsBehindPing = 0;
    const inFlight = clientInternals(client).commandQueue.toArray();
    inFlight.forEach(({ command }) => transaction.#record(command));
    return transaction;
  }

  /** False while a MULTI waits to be sent again after the loss of its connection. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The server forgets a transaction with its connection. ioredis sends MULTI again if it had no reply. */
  onSocketClosed(): void {
    const { offlineQueue, prevCommandQueue } = clientInternals(this.#client);
    this.#isOpen = false;
    this.#stepsBehindPing = undefined;
    if (!hasMulti(offlineQueue) && !hasMulti(prevCommandQueue)) this.#end();
  }

  #record(command: SentCommand): void {
    if (this.#stepsBehindPing !== undefined) this.#countStep(command);
    switch (command.name.toLowerCase()) {
      case 'multi':
        return this.#recordMulti(command);
      case 'exec':
        this.#removePong(command);
        return this.#endAtReply(command);
      case 'discard':
      case 'reset':
        return this.#endAtReply(command);
    }
  }

  /** A refused MULTI begins no transaction. Within one, it does not end it. */
  #recordMulti(command: SentCommand): void {
    const isFirst = this.#count === 0 || !this.#isOpen;
    this.#isOpen = true;
    this.#count += 1;
    if (!isFirst) return;
    const count = this.#count;
    whenReplied(command, ({ kind }) => {
      if (kind === 'refused' && count === this.#count) this.#end();
    });
  }

  #endAtReply(command: SentCommand): void {
    const count = this.#count;
    whenReplied(command, (outcome) => {
      if (count === this.#count && transactionAfter(outcome) !== 'open') this.#end();
    });
  }

  #countStep(command: SentCommand): void {
    whenReplied(command, ({ kind }) => {
      if (kind === 'queued' && this.#stepsBehindPing !== undefined) this.#stepsBehindPing += 1;
    });
  }

  /** Takes the reply to our PING out of the replies to EXEC, so that each step of the application has its own. */
  #removePong(exec: SentCommand): void {
    const { resolve } = exec;
    exec.resolve = (reply) => {
      const steps = this.#stepsBehindPing;
      this.#stepsBehindPing = undefined;
      if (steps !== undefined && Array.isArray(reply)) reply.splice(reply.length - 1 - steps, 1);
      return resolve.call(exec, reply);
    };
  }

  #end(): void {
    this.#isOpen = false;
    if (this.#restore()) this.#onEnded();
  }
}

function hasMulti(queue: CommandQueue | null | undefined): boolean {
  return queue?.toArray().some(({ command }) => command.name.toLowerCase() === 'multi') ?? false;
}
