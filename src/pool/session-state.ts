import type { SessionDefaults } from '../connect/client/pooled-connection.js';
import {
  type Outcome,
  type SentCommand,
  transactionAfter,
  whenReplied,
} from '../connect/ioredis/command-replies.js';

interface SessionStateRow {
  readonly meaning: string;
  /** The one command that resets this state. Without one, the connection is closed. */
  readonly reset?: (defaults: SessionDefaults) => readonly [name: string, ...args: string[]];
}

/** The state that a borrower can leave on a connection, in the order in which it is reset. */
export const sessionStateTable = {
  transaction: { meaning: 'MULTI without EXEC or DISCARD', reset: () => ['discard'] },
  watch: { meaning: 'WATCH without UNWATCH, EXEC or DISCARD', reset: () => ['unwatch'] },
  db: { meaning: 'another database', reset: ({ db }) => ['select', String(db)] },
  name: { meaning: 'another connection name', reset: ({ name }) => ['client', 'setname', name] },
  tracking: { meaning: 'CLIENT TRACKING', reset: () => ['client', 'tracking', 'off'] },
  'no-evict': { meaning: 'CLIENT NO-EVICT', reset: () => ['client', 'no-evict', 'off'] },
  'no-touch': { meaning: 'CLIENT NO-TOUCH', reset: () => ['client', 'no-touch', 'off'] },
  readonly: { meaning: 'READONLY', reset: () => ['readwrite'] },
  blocked: { meaning: 'a blocking command that has no reply yet' },
  subscription: { meaning: 'a subscription, also one that has ended' },
  reply: { meaning: 'CLIENT REPLY, after which replies no longer match their commands' },
  user: { meaning: 'another user or protocol version, or a RESET' },
  mode: {
    meaning: 'MONITOR, SYNC, ASKING, HIMPORT, SCRIPT DEBUG or CLIENT settings that cannot be reset',
  },
} as const satisfies Record<string, SessionStateRow>;

export type SessionStateKind = keyof typeof sessionStateTable;

/**
 * The state that borrowers have left on a connection, as far as it has not been reset. It follows what the server has
 * accepted: a command sets its state when it is sent, and takes that back if it is refused. A command that removes state
 * does so when the server has executed it: a step of a transaction may never run.
 */
export class SessionState {
  readonly #defaults: SessionDefaults;
  /** For each kind of state, the numbers of the commands that have set it, or may have: no reply has come yet. */
  #setBy: Map<SessionStateKind, Set<number>> | undefined;
  /** How many commands with a rule were sent. */
  #lastNumber = 0;
  /** How many of them have no reply yet. */
  #unanswered = 0;
  #resolveAnswered: (() => void) | undefined;
  /** Name of the command that was sent last, for reports. */
  lastCommand: string | undefined;

  constructor(defaults: SessionDefaults) {
    this.#defaults = defaults;
  }

  get isClean(): boolean {
    return this.#kinds.length === 0;
  }

  /** Whether a transaction is open, or will be if the server accepts the MULTI that was sent. */
  get isInTransaction(): boolean {
    return this.#has('transaction');
  }

  /** Updates the state for a command that is sent. Runs for every command of a leased client. */
  record(command: SentCommand): void {
    const name = command.name.toLowerCase();
    this.lastCommand = name;
    const change = commandRules.get(name)?.(command, this.#defaults);
    if (change) this.#follow(change, command);
  }

  #follow(change: Change, command: SentCommand): void {
    const number = (this.#lastNumber += 1);
    this.#unanswered += 1;
    if ('sets' in change) this.#set(change.sets, number);
    whenReplied(command, (outcome) => {
      this.#apply(change, number, outcome);
      this.#unanswered -= 1;
      if (this.#unanswered === 0) this.#resolveAnswered?.();
    });
  }

  #apply(change: Change, number: number, outcome: Outcome): void {
    if ('sets' in change) {
      // After CLIENT REPLY the next error may be the reply to another command.
      const isRefused = outcome.kind === 'refused' && change.sets !== 'reply';
      if (isRefused) this.#setBy?.get(change.sets)?.delete(number);
    } else if ('removes' in change) {
      if (outcome.kind === 'executed') this.#removeBefore(number, change.removes);
    } else {
      const transaction = transactionAfter(outcome);
      if (transaction !== 'open') this.#removeBefore(number, 'transaction');
      if (transaction === 'ended') this.#removeBefore(number, 'watch');
    }
  }

  #set(kind: SessionStateKind, number: number): void {
    const setBy = (this.#setBy ??= new Map<SessionStateKind, Set<number>>());
    const numbers = setBy.get(kind);
    if (numbers) numbers.add(number);
    else setBy.set(kind, new Set([number]));
  }

  /** Removes what commands before this one have set. What was sent later is still to come. */
  #removeBefore(number: number, kind: SessionStateKind): void {
    const numbers = this.#setBy?.get(kind);
    numbers?.forEach((earlier) => earlier < number && numbers.delete(earlier));
  }

  #has(kind: SessionStateKind): boolean {
    return (this.#setBy?.get(kind)?.size ?? 0) > 0;
  }

  /** The kinds of state that are left, in the order in which they are reset. */
  get #kinds(): readonly SessionStateKind[] {
    return this.#setBy ? allKinds.filter((kind) => this.#has(kind)) : NO_KINDS;
  }

  /** Resolves when every command that may have changed the state has its reply. */
  whenAnswered(): Promise<void> {
    if (this.#unanswered === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#resolveAnswered = resolve));
  }

  /** The commands that reset all of the state, or `undefined` if the connection must be closed instead. */
  resetCommands(): readonly (readonly string[])[] | undefined {
    const rows: readonly SessionStateRow[] = this.#kinds.map((kind) => sessionStateTable[kind]);
    if (rows.some(({ reset }) => !reset)) return undefined;
    return rows.map(({ reset }) => reset?.(this.#defaults) ?? []);
  }

  clear(): void {
    this.#setBy = undefined;
    this.lastCommand = undefined;
  }
}

const allKinds = Object.keys(sessionStateTable) as SessionStateKind[];

const NO_KINDS: readonly SessionStateKind[] = [];

/** How a command changes the state of its connection, if the server accepts it. */
type Change =
  | { readonly sets: SessionStateKind }
  | { readonly removes: SessionStateKind }
  | { readonly ends: 'transaction' };

/** Finds out how one command changes the state. */
type CommandRule = (command: SentCommand, defaults: SessionDefaults) => Change | undefined;

const sets = (kind: SessionStateKind): CommandRule => {
  const change = { sets: kind };
  return () => change;
};

const removes = (kind: SessionStateKind): CommandRule => {
  const change = { removes: kind };
  return () => change;
};

/** Sets the state, or removes it if the command gives the connection its default. */
const setsUnlessDefault =
  (
    kind: SessionStateKind,
    valuesOf: (command: SentCommand) => readonly unknown[],
    key: keyof SessionDefaults,
  ): CommandRule =>
  (command, defaults) =>
    isDefault(valuesOf(command), defaults[key]) ? { removes: kind } : { sets: kind };

/** `ON` sets the state, `OFF` removes it. */
const toggles =
  (kind: SessionStateKind): CommandRule =>
  ({ args }) =>
    toWord(args[1]) === 'off' ? { removes: kind } : { sets: kind };

function isDefault(values: readonly unknown[], defaultValue: unknown): boolean {
  return values.length === 1 && String(values[0]) === String(defaultValue);
}

function toWord(argument: unknown): string {
  return String(argument).toLowerCase();
}

/** The subcommands of CLIENT that change the state. */
const clientRules = new Map<string, CommandRule>(
  Object.entries({
    setname: setsUnlessDefault('name', ({ args }) => args.slice(1), 'name'),
    tracking: toggles('tracking'),
    'no-evict': toggles('no-evict'),
    'no-touch': toggles('no-touch'),
    reply: sets('reply'),
    caching: sets('mode'),
    capa: sets('mode'),
    setinfo: sets('mode'),
    'import-source': sets('mode'),
  } satisfies Record<string, CommandRule>),
);

const endsTransaction: CommandRule = () => ({ ends: 'transaction' });

/** The commands that change the state. */
const commandRules = new Map<string, CommandRule>(
  Object.entries({
    multi: sets('transaction'),
    exec: endsTransaction,
    discard: endsTransaction,
    watch: sets('watch'),
    unwatch: removes('watch'),
    select: setsUnlessDefault('db', ({ args }) => args, 'db'),
    client: (command, defaults) => clientRules.get(toWord(command.args[0]))?.(command, defaults),
    script: ({ args }) => (toWord(args[0]) === 'debug' ? { sets: 'mode' } : undefined),
    subscribe: sets('subscription'),
    psubscribe: sets('subscription'),
    ssubscribe: sets('subscription'),
    readonly: sets('readonly'),
    readwrite: removes('readonly'),
    auth: sets('user'),
    hello: sets('user'),
    reset: sets('user'),
    monitor: sets('mode'),
    sync: sets('mode'),
    psync: sets('mode'),
    asking: sets('mode'),
    replconf: sets('mode'),
    himport: sets('mode'),
  } satisfies Record<string, CommandRule>),
);
