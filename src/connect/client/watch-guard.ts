import type { Cluster, Redis } from 'ioredis';
import { HygieneError, isReplyError } from '../../core/errors.js';
import { type SentCommand, transactionAfter, whenReplied } from '../ioredis/command-replies.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { interceptCommands } from './intercept-commands.js';

/** A command that ioredis writes to a socket, and again to another one when it is sent again. */
interface WritableCommand extends SentCommand {
  toWritable(socket: object): unknown;
  getSlot(): number | null;
}

/** A WATCH of one key, from the moment it is written until EXEC, DISCARD, UNWATCH or RESET. */
interface WatchedKey {
  /** Place of the WATCH in the order of commands. */
  readonly number: number;
  /** Slot of the key in a Cluster, `undefined` outside of one. */
  readonly slot: number | undefined;
  /** The socket to which the WATCH was written. */
  readonly socket: object;
}

/** An EXEC, or what was written in its place. */
interface GuardedExec {
  readonly number: number;
  readonly slot: number | undefined;
  isWritten: boolean;
  /** Whether it was written to a socket before, so that it may have been executed there. */
  wasWrittenBefore: boolean;
  /** Whether DISCARD was written in its place. */
  isRefused: boolean;
}

const guards = new WeakMap<object, WatchGuard>();

/** Clients of factories that only observe. */
const unguarded = new WeakSet<object>();

/**
 * Guards the transactions of a client that is about to send WATCH, until nothing is watched any more. A Cluster is guarded
 * by slots.
 */
export function guardWatch(client: Redis | Cluster): void {
  if (!guards.has(client) && !unguarded.has(client))
    guards.set(client, new WatchGuard(client, () => guards.delete(client)));
}

/** Leaves the transactions of a client as they are in ioredis. */
export function leaveUnguarded(client: Redis | Cluster): void {
  unguarded.add(client);
}

/** Ends the guard of a client that has ended: its application has given up what it watched. */
export function forgetWatches(client: Redis | Cluster): void {
  guards.get(client)?.end();
}

/**
 * Guards the transactions of a client that watches keys. A server forgets a WATCH with its connection, and an EXEC on the
 * next connection would succeed without it. So an EXEC that goes to another socket than the WATCH of one of its keys is
 * written as DISCARD, and rejected with `HYG_WATCH_LOST`.
 *
 * Only while something is watched, the client's commands are intercepted. A WATCH that is itself sent again, because it had
 * no reply, guards its transaction, and so does a later WATCH of the same keys: its caller has started over.
 */
class WatchGuard {
  readonly #client: Redis | Cluster;
  readonly #isCluster: boolean;
  readonly #onEnded: () => void;
  readonly #restore: () => boolean;
  /** The first and the last WATCH of each key, as an EXEC may have been sent in between. */
  readonly #keys = new Map<string, readonly WatchedKey[]>();
  /** WATCH commands that have no reply yet. */
  readonly #unanswered = new Set<SentCommand>();
  /** What was recorded of each EXEC. */
  readonly #execs = new WeakMap<SentCommand, GuardedExec>();
  /** Places in the order of commands. A command that is sent again passes once more, and keeps its place. */
  readonly #numbers = new WeakMap<SentCommand, number>();
  #lastNumber = 0;
  /** Whether a MULTI has no EXEC, DISCARD or RESET behind it yet, so that an UNWATCH is a step of a transaction. */
  #isInMulti = false;

  constructor(client: Redis | Cluster, onEnded: () => void) {
    this.#client = client;
    this.#isCluster = client instanceof copyOf(client).Cluster;
    this.#onEnded = onEnded;
    this.#restore = interceptCommands(client, (command, node) =>
      this.#record(command as WritableCommand, node?.slot),
    );
  }

  end(): void {
    this.#keys.clear();
    if (this.#restore()) this.#onEnded();
  }

  #record(command: WritableCommand, slot: number | undefined): void {
    switch (command.name.toLowerCase()) {
      case 'multi':
        this.#isInMulti = true;
        return;
      case 'watch':
        return this.#recordWatch(command);
      case 'exec':
        this.#isInMulti = false;
        return this.#guardExec(command, slot);
      case 'unwatch':
        return this.#recordEnd(command, { isStep: this.#isInMulti });
      case 'discard':
      case 'reset':
        this.#isInMulti = false;
        return this.#recordEnd(command, { isStep: false });
    }
  }

  #recordWatch(command: WritableCommand): void {
    if (this.#unanswered.has(command)) return;
    this.#unanswered.add(command);
    const number = this.#numberOf(command);
    const slot = this.#isCluster ? (command.getSlot() ?? undefined) : undefined;
    const keys = command.args.map(String);
    beforeWrite(command, (socket) => {
      for (const key of keys) this.#remember(key, { number, slot, socket });
    });
    whenReplied(command, ({ kind }) => {
      this.#unanswered.delete(command);
      this.#forget((key) => kind === 'refused' && key.number === number);
    });
  }

  /** What was lost of this key does not matter any more: its caller has started over. */
  #remember(key: string, watched: WatchedKey): void {
    const known = this.#keys.get(key)?.filter((earlier) => !isLost(earlier, watched.socket)) ?? [];
    this.#keys.set(key, [...known.slice(0, 1), watched]);
  }

  #numberOf(command: SentCommand): number {
    const known = this.#numbers.get(command);
    if (known !== undefined) return known;
    this.#lastNumber += 1;
    this.#numbers.set(command, this.#lastNumber);
    return this.#lastNumber;
  }

  #guardExec(command: WritableCommand, slot: number | undefined): void {
    const exec = this.#execs.get(command) ?? this.#replaceWrite(command, slot);
    whenReplied(command, (outcome) => {
      const isEnd = exec.isRefused || transactionAfter(outcome) === 'ended';
      if (isEnd) this.#forget((key) => isGuardedBy(exec, key));
    });
    const { resolve, reject } = command;
    const refuse = () => reject.call(command, watchLostError(exec));
    command.resolve = (reply) => (exec.isRefused ? refuse() : resolve.call(command, reply));
    command.reject = (error) => {
      if (exec.isRefused && isReplyError(error))
        refuse(); // the new connection has no transaction to discard
      else reject.call(command, error);
    };
  }

  #replaceWrite(command: WritableCommand, slot: number | undefined): GuardedExec {
    const isUnknownNode = this.#isCluster && slot === undefined;
    const exec: GuardedExec = {
      number: isUnknownNode ? 0 : this.#numberOf(command),
      slot,
      isWritten: false,
      wasWrittenBefore: false,
      isRefused: false,
    };
    this.#execs.set(command, exec);
    const write = command.toWritable.bind(command);
    command.toWritable = (socket) => {
      exec.wasWrittenBefore = exec.isWritten;
      exec.isWritten = true;
      exec.isRefused = [...this.#keys.values()]
        .flat()
        .some((key) => isGuardedBy(exec, key) && isLost(key, socket));
      if (!exec.isRefused) return write(socket);
      return new (copyOf(this.#client).Command)('discard').toWritable(socket);
    };
    return exec;
  }

  /**
   * UNWATCH, DISCARD or RESET. What was lost is given up as soon as it is written: an EXEC may be written right behind it.
   *
   * @param isStep Whether it is a step of a transaction, which the server executes with EXEC.
   */
  #recordEnd(command: WritableCommand, { isStep }: { readonly isStep: boolean }): void {
    const number = this.#numberOf(command);
    const isUnwatch = command.name.toLowerCase() === 'unwatch';
    beforeWrite(command, (socket) => {
      if (!isStep) this.#forget((key) => key.number < number && isLost(key, socket));
    });
    whenReplied(command, (outcome) => {
      const isEnd = isUnwatch ? outcome.kind === 'executed' : transactionAfter(outcome) === 'ended';
      this.#forget((key) => isEnd && key.number < number);
    });
  }

  #forget(isOver: (key: WatchedKey) => boolean): void {
    for (const [name, watched] of this.#keys) {
      const left = watched.filter((key) => !isOver(key));
      if (left.length > 0) this.#keys.set(name, left);
      else this.#keys.delete(name);
    }
    if (this.#keys.size === 0 && this.#unanswered.size === 0) this.end();
  }
}

/** Calls `listener` whenever the command is about to be written. */
function beforeWrite(command: WritableCommand, listener: (socket: object) => void): void {
  const write = command.toWritable.bind(command);
  command.toWritable = (socket) => {
    listener(socket);
    return write(socket);
  };
}

/** Whether a server has forgotten the WATCH of a key, as seen from this socket. */
function isLost({ socket }: WatchedKey, current: object): boolean {
  return socket !== current;
}

function isGuardedBy({ number, slot }: GuardedExec, key: WatchedKey): boolean {
  return key.number < number && key.slot === slot;
}

function watchLostError({ wasWrittenBefore }: GuardedExec): HygieneError {
  const doubt = wasWrittenBefore
    ? ' EXEC had been sent on the lost connection already, so the transaction may have been executed there.'
    : '';
  return new HygieneError(
    'HYG_WATCH_LOST',
    `A connection was lost between WATCH and EXEC, and the server has forgotten what was watched. The transaction was discarded.${doubt}`,
    { details: { mayBeExecuted: wasWrittenBefore } },
  );
}
