import type { SessionDefaults } from '../connect/client/pooled-connection.js';

/** The parts of a command that say which state it leaves on a connection. */
export interface SentCommand {
  readonly name: string;
  readonly args: readonly unknown[];
}

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
 * The state that the current borrower has left on a connection so far, derived from the commands that it sent. Commands
 * within a transaction are only queued and may never run, so they do not count as a reset.
 */
export class SessionState {
  readonly #defaults: SessionDefaults;
  #kinds: Set<SessionStateKind> | undefined;
  /** Name of the command that was sent last, for reports. */
  lastCommand: string | undefined;

  constructor(defaults: SessionDefaults) {
    this.#defaults = defaults;
  }

  get isClean(): boolean {
    return this.#kinds === undefined || this.#kinds.size === 0;
  }

  /** Whether MULTI was sent, and neither EXEC nor DISCARD since. */
  get isInTransaction(): boolean {
    return this.#kinds?.has('transaction') ?? false;
  }

  /** Updates the state for a command that is sent. Runs for every command of a leased client. */
  record(command: SentCommand): void {
    const name = command.name.toLowerCase();
    this.lastCommand = name;
    commandRules.get(name)?.(this, command, this.#defaults);
  }

  add(kind: SessionStateKind): void {
    (this.#kinds ??= new Set()).add(kind);
  }

  remove(kind: SessionStateKind): void {
    if (!this.#kinds?.has('transaction')) this.#kinds?.delete(kind);
  }

  /** EXEC and DISCARD end the transaction and every WATCH. Without a MULTI the server refuses them, so WATCH stays. */
  endTransaction(): void {
    if (this.#kinds?.delete('transaction')) this.#kinds.delete('watch');
  }

  /** The commands that reset all of the state, or `undefined` if the connection must be closed instead. */
  resetCommands(): readonly (readonly string[])[] | undefined {
    const kinds = (Object.keys(sessionStateTable) as SessionStateKind[]).filter((kind) =>
      this.#kinds?.has(kind),
    );
    const rows: readonly SessionStateRow[] = kinds.map((kind) => sessionStateTable[kind]);
    if (rows.some(({ reset }) => !reset)) return undefined;
    return rows.map(({ reset }) => reset?.(this.#defaults) ?? []);
  }

  clear(): void {
    this.#kinds = undefined;
    this.lastCommand = undefined;
  }
}

/** How one command changes the state of its connection. */
type CommandRule = (state: SessionState, command: SentCommand, defaults: SessionDefaults) => void;

const adds =
  (kind: SessionStateKind): CommandRule =>
  (state) =>
    state.add(kind);

/** Adds the state, or removes it if the command sets the default of the connection. */
const sets =
  (
    kind: SessionStateKind,
    valuesOf: (command: SentCommand) => readonly unknown[],
    key: keyof SessionDefaults,
  ): CommandRule =>
  (state, command, defaults) =>
    isDefault(valuesOf(command), defaults[key]) ? state.remove(kind) : state.add(kind);

/** `ON` adds the state, `OFF` removes it. */
const toggles =
  (kind: SessionStateKind): CommandRule =>
  (state, { args }) =>
    toWord(args[1]) === 'off' && args.length === 2 ? state.remove(kind) : state.add(kind);

/** Applies `change` only if the command has no arguments. With arguments the server refuses it, so the state stays. */
const withoutArguments =
  (change: (state: SessionState) => void): CommandRule =>
  (state, { args }) => {
    if (args.length === 0) change(state);
  };

function isDefault(values: readonly unknown[], defaultValue: unknown): boolean {
  return values.length === 1 && String(values[0]) === String(defaultValue);
}

function toWord(argument: unknown): string {
  return String(argument).toLowerCase();
}

/** The subcommands of CLIENT that change the state. */
const clientRules = new Map<string, CommandRule>(
  Object.entries({
    setname: sets('name', ({ args }) => args.slice(1), 'name'),
    tracking: toggles('tracking'),
    'no-evict': toggles('no-evict'),
    'no-touch': toggles('no-touch'),
    reply: adds('reply'),
    caching: adds('mode'),
    capa: adds('mode'),
    setinfo: adds('mode'),
    'import-source': adds('mode'),
  } satisfies Record<string, CommandRule>),
);

const endTransaction = withoutArguments((state) => state.endTransaction());

/** The commands that change the state. */
const commandRules = new Map<string, CommandRule>(
  Object.entries({
    multi: adds('transaction'),
    exec: endTransaction,
    discard: endTransaction,
    watch: adds('watch'),
    unwatch: withoutArguments((state) => state.remove('watch')),
    select: sets('db', ({ args }) => args, 'db'),
    client: (state, command, defaults) =>
      clientRules.get(toWord(command.args[0]))?.(state, command, defaults),
    script: (state, { args }) => {
      if (toWord(args[0]) === 'debug') state.add('mode');
    },
    subscribe: adds('subscription'),
    psubscribe: adds('subscription'),
    ssubscribe: adds('subscription'),
    readonly: adds('readonly'),
    readwrite: withoutArguments((state) => state.remove('readonly')),
    auth: adds('user'),
    hello: adds('user'),
    reset: adds('user'),
    monitor: adds('mode'),
    sync: adds('mode'),
    psync: adds('mode'),
    asking: adds('mode'),
    replconf: adds('mode'),
    himport: adds('mode'),
  } satisfies Record<string, CommandRule>),
);
