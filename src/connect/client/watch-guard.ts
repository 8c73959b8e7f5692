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

/** A WATCH that no EXEC, DISCARD, UNWATCH or RESET has ended. */
interface Watch {
  /** Its place in the order of commands. */
  readonly number: number;
  readonly keys: readonly string[];
  /** Slot of its keys in a Cluster, `undefined` outside of one. */
  readonly slot: number | undefined;
  /** The socket to which it was written last. */
  socket?: object;
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

/**
 * Guards the transactions of a client that is about to send WATCH, until nothing is watched any more. A Cluster is guarded
 * by slots.
 */
export function guardWatch(client: Redis | Cluster): void {
  if (!guards.has(client)) guards.set(client, new WatchGuard(client, () => guards.delete(client)));
}

/**
 * Guards the transactions of a client that watches keys. A server forgets a WATCH with its connection, and an EXEC on the
 * next connection would succeed without it. So an EXEC that goes to another socket than its WATCH is written as DISCARD,
 * and rejected with `HYG_WATCH_LOST`.
 *
 * Only while something is watched, the client's commands are intercepted. A WATCH that is itself sent again, because it had
 * no reply, guards its transaction, and so does a later WATCH of the same keys: its caller has started over.
 */
class WatchGuard {
  readonly #client: Redis | Cluster;
  readonly #isCluster: boolean;
  readonly #onEnded: () => void;
  readonly #restore: () => boolean;
  readonly #watches = new Map<SentCommand, Watch>();
  readonly #execs = new WeakMap<SentCommand, GuardedExec>();
  /** Places in the order of commands. A command that is sent again passes once more, and keeps its place. */
  readonly #numbers = new WeakMap<SentCommand, number>();
  #lastNumber = 0;

  constructor(client: Redis | Cluster, onEnded: () => void) {
    this.#client = client;
    this.#isCluster = client instanceof copyOf(client).Cluster;
    this.#onEnded = onEnded;
    this.#restore = interceptCommands(client, (command, node) =>
      this.#record(command as WritableCommand, node?.slot),
    );
  }

  #record(command: WritableCommand, slot: number | undefined): void {
    switch (command.name.toLowerCase()) {
      case 'watch':
        return this.#recordWatch(command);
      case 'exec':
        return this.#guardExec(command, slot);
      case 'unwatch':
      case 'discard':
      case 'reset':
        return this.#recordEnd(command);
    }
  }

  #recordWatch(command: WritableCommand): void {
    if (this.#watches.has(command)) return;
    const slot = this.#isCluster ? (command.getSlot() ?? undefined) : undefined;
    const watch: Watch = { number: this.#numberOf(command), keys: command.args.map(String), slot };
    this.#watches.set(command, watch);
    beforeWrite(command, (socket) => {
      watch.socket = socket;
      this.#forget((other) => isReplaced(other, watch, socket));
    });
    whenReplied(command, ({ kind }) => {
      if (kind === 'refused') this.#forget((other) => other === watch);
    });
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
      if (isEnd) this.#forget((watch) => isGuardedBy(exec, watch));
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
      exec.isRefused = [...this.#watches.values()].some(
        (watch) => isGuardedBy(exec, watch) && isLost(watch, socket),
      );
      if (!exec.isRefused) return write(socket);
      return new (copyOf(this.#client).Command)('discard').toWritable(socket);
    };
    return exec;
  }

  /** UNWATCH, DISCARD or RESET. Whatever its reply, its caller has given up what was lost. */
  #recordEnd(command: WritableCommand): void {
    const number = this.#numberOf(command);
    const isUnwatch = command.name.toLowerCase() === 'unwatch';
    const written: { to?: object } = {};
    beforeWrite(command, (socket) => (written.to = socket));
    whenReplied(command, (outcome) => {
      const isEnd = isUnwatch ? outcome.kind === 'executed' : transactionAfter(outcome) === 'ended';
      const isGivenUp = (watch: Watch) =>
        outcome.kind !== 'queued' && written.to !== undefined && isLost(watch, written.to);
      this.#forget((watch) => watch.number < number && (isEnd || isGivenUp(watch)));
    });
  }

  #forget(isOver: (watch: Watch) => boolean): void {
    for (const [command, watch] of this.#watches) if (isOver(watch)) this.#watches.delete(command);
    if (this.#watches.size === 0 && this.#restore()) this.#onEnded();
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

/** Whether a server has forgotten the WATCH, as seen from this socket. */
function isLost({ socket }: Watch, current: object): boolean {
  return socket !== undefined && socket !== current;
}

function isGuardedBy({ number, slot }: GuardedExec, watch: Watch): boolean {
  return watch.number < number && watch.slot === slot;
}

/** Whether a lost WATCH does not matter any more, because all of its keys are watched again. */
function isReplaced(lost: Watch, by: Watch, socket: object): boolean {
  return lost.number < by.number && isLost(lost, socket) && lost.keys.every((key) => by.keys.includes(key));
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
