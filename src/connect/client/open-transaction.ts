import type { Redis } from 'ioredis';
import { clientInternals, type CommandQueue } from '../ioredis/internals.js';

/** A command, as it passes through `sendCommand`. ioredis calls `resolve` or `reject` with its reply. */
interface Command {
  readonly name: string;
  resolve: (reply: unknown) => void;
  reject: (error: Error) => void;
}

type SendCommand = (this: unknown, command: Command, ...rest: unknown[]) => unknown;

/** Replies to MULTI or EXEC with which a server ends the transaction, or says that there is none. */
const ENDING_REPLY = /^(EXECABORT|MOVED|ASK|TRYAGAIN|CROSSSLOT|CLUSTERDOWN|ERR (EXEC|DISCARD) without MULTI)/;

/** The error of `commandTimeout`, after which the server may still run the command. */
const TIMEOUT = /^Command timed out/;

/**
 * A transaction whose commands are sent one by one, from MULTI to its end: until then a PING would become one of its
 * steps. Only while a transaction is open, the client has a `sendCommand` of its own that looks for the end: a reply to
 * EXEC, DISCARD or RESET, or the loss of the connection. A refusal that leaves the transaction open (NOPERM) is no end.
 */
export class OpenTransaction {
  readonly #client: Redis;
  readonly #onEnded: () => void;
  readonly #restore: () => void;
  /** Number of MULTI commands sent. A reply to an EXEC that was sent before the last one ends nothing. */
  #count = 0;
  #isOpen = true;

  /** Call before MULTI is sent. */
  constructor(client: Redis, onEnded: () => void) {
    this.#client = client;
    this.#onEnded = onEnded;
    this.#restore = interceptCommands(client, (command) => this.#record(command));
  }

  /** False while a MULTI waits to be sent again after the loss of its connection. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The server forgets a transaction with its connection. ioredis sends MULTI again if it had no reply. */
  onSocketClosed(): void {
    const { offlineQueue, prevCommandQueue } = clientInternals(this.#client);
    this.#isOpen = false;
    if (!hasMulti(offlineQueue) && !hasMulti(prevCommandQueue)) this.#end();
  }

  #record(command: Command): void {
    switch (command.name.toLowerCase()) {
      case 'multi':
        return this.#recordMulti(command);
      case 'exec':
      case 'discard':
        return this.#endAtReply(command, (error) => !error || ENDING_REPLY.test(error.message));
      case 'reset':
        return this.#endAtReply(command, (error) => !error);
    }
  }

  /** A refused MULTI begins no transaction. Within one, it does not end it. */
  #recordMulti(command: Command): void {
    const isFirst = this.#count === 0 || !this.#isOpen;
    this.#isOpen = true;
    this.#count += 1;
    if (isFirst) this.#endAtReply(command, (error) => error !== undefined && !TIMEOUT.test(error.message));
  }

  /**
   * Ends the transaction if the server's reply says so. The promise of the command would not tell a reply from
   * `commandTimeout`, after which the reply may still come.
   */
  #endAtReply(command: Command, isEnd: (error?: Error) => boolean): void {
    const { resolve, reject } = command;
    const count = this.#count;
    command.resolve = (reply) => {
      if (count === this.#count && isEnd()) this.#end();
      resolve.call(command, reply);
    };
    command.reject = (error) => {
      if (count === this.#count && isEnd(error)) this.#end();
      reject.call(command, error);
    };
  }

  #end(): void {
    this.#isOpen = false;
    this.#restore();
    this.#onEnded();
  }
}

function hasMulti(queue: CommandQueue | null | undefined): boolean {
  return queue?.toArray().some(({ command }) => command.name.toLowerCase() === 'multi') ?? false;
}

/** Calls `record` for each command that the client sends, until the returned function is called. */
function interceptCommands(client: Redis, record: (command: Command) => void): () => void {
  const own = Object.getOwnPropertyDescriptor(client, 'sendCommand');
  const given = own?.value as SendCommand | undefined;
  let isActive = true;
  const sendCommand: SendCommand = function (command, ...rest) {
    if (isActive) record(command);
    const send = given ?? (Object.getPrototypeOf(client) as { sendCommand: SendCommand }).sendCommand;
    return Reflect.apply(send, this, [command, ...rest]);
  };
  Object.defineProperty(client, 'sendCommand', { value: sendCommand, configurable: true, writable: true });
  return () => {
    isActive = false;
    // The application may have wrapped it meanwhile: then it stays, and passes all commands on.
    if ((client.sendCommand as SendCommand) !== sendCommand) return;
    if (own) Object.defineProperty(client, 'sendCommand', own);
    else Reflect.deleteProperty(client, 'sendCommand');
  };
}
