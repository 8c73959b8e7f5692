import type { SessionDefaults } from '../connect/client/pooled-connection.js';

/** A command, as far as it matters what it leaves behind. */
export interface SeenCommand {
  readonly name: string;
  readonly args: readonly unknown[];
}

type Cleaning = (home: SessionDefaults) => readonly [name: string, ...args: string[]];

interface TraceRow {
  readonly meaning: string;
  /** The one command that takes it away. Without one the connection is closed. */
  readonly clean?: Cleaning;
}

/** What a borrower can leave on a connection, in the order in which it is taken away. */
export const sessionStateTable = {
  transaction: { meaning: 'MULTI without EXEC or DISCARD', clean: () => ['discard'] },
  watch: { meaning: 'WATCH without UNWATCH, EXEC or DISCARD', clean: () => ['unwatch'] },
  db: { meaning: 'another database', clean: ({ db }) => ['select', String(db)] },
  name: { meaning: 'another name', clean: ({ name }) => ['client', 'setname', name] },
  tracking: { meaning: 'CLIENT TRACKING', clean: () => ['client', 'tracking', 'off'] },
  'no-evict': { meaning: 'CLIENT NO-EVICT', clean: () => ['client', 'no-evict', 'off'] },
  'no-touch': { meaning: 'CLIENT NO-TOUCH', clean: () => ['client', 'no-touch', 'off'] },
  readonly: { meaning: 'READONLY', clean: () => ['readwrite'] },
  blocked: { meaning: 'a blocking command that still waits' },
  subscription: { meaning: 'a subscription, now or before' },
  reply: { meaning: 'CLIENT REPLY, after which answers and commands no longer match' },
  user: { meaning: 'another user, protocol or a RESET' },
  mode: {
    meaning: 'MONITOR, SYNC, ASKING, HIMPORT, SCRIPT DEBUG or CLIENT settings that cannot be taken back',
  },
} as const satisfies Record<string, TraceRow>;

export type SessionStateKind = keyof typeof sessionStateTable;

type Rule = (traces: SessionState, command: SeenCommand, home: SessionDefaults) => void;

const leave =
  (trace: SessionStateKind): Rule =>
  (traces) =>
    traces.add(trace);

/** Leaves a trace, unless it sets what was there at home. */
const set =
  (
    trace: SessionStateKind,
    given: (command: SeenCommand) => readonly unknown[],
    key: keyof SessionDefaults,
  ): Rule =>
  (traces, command, home) =>
    isSame(given(command), home[key]) ? traces.remove(trace) : traces.add(trace);

/** `ON` leaves it, `OFF` takes it away. */
const toggle =
  (trace: SessionStateKind): Rule =>
  (traces, { args }) =>
    word(args[1]) === 'off' && args.length === 2 ? traces.remove(trace) : traces.add(trace);

/** With an argument too many the server refuses it, and what it should end goes on. */
const bare =
  (rule: (traces: SessionState) => void): Rule =>
  (traces, { args }) => {
    if (args.length === 0) rule(traces);
  };

function isSame(given: readonly unknown[], home: unknown): boolean {
  return given.length === 1 && String(given[0]) === String(home);
}

function word(argument: unknown): string {
  return String(argument).toLowerCase();
}

const clientRules = new Map<string, Rule>(
  Object.entries({
    setname: set('name', ({ args }) => args.slice(1), 'name'),
    tracking: toggle('tracking'),
    'no-evict': toggle('no-evict'),
    'no-touch': toggle('no-touch'),
    reply: leave('reply'),
    caching: leave('mode'),
    capa: leave('mode'),
    setinfo: leave('mode'),
    'import-source': leave('mode'),
  } satisfies Record<string, Rule>),
);

const endTransaction = bare((traces) => traces.endTransaction());

const rules = new Map<string, Rule>(
  Object.entries({
    multi: leave('transaction'),
    exec: endTransaction,
    discard: endTransaction,
    watch: leave('watch'),
    unwatch: bare((traces) => traces.remove('watch')),
    select: set('db', ({ args }) => args, 'db'),
    client: (traces, command, home) => clientRules.get(word(command.args[0]))?.(traces, command, home),
    script: (traces, { args }) => {
      if (word(args[0]) === 'debug') traces.add('mode');
    },
    subscribe: leave('subscription'),
    psubscribe: leave('subscription'),
    ssubscribe: leave('subscription'),
    readonly: leave('readonly'),
    readwrite: bare((traces) => traces.remove('readonly')),
    auth: leave('user'),
    hello: leave('user'),
    reset: leave('user'),
    monitor: leave('mode'),
    sync: leave('mode'),
    psync: leave('mode'),
    asking: leave('mode'),
    replconf: leave('mode'),
    himport: leave('mode'),
  } satisfies Record<string, Rule>),
);

/**
 * What the present borrower of a connection has left on it so far, judged by the commands that it sent. What is
 * sent within a transaction is only queued and may never run, so there nothing is taken away.
 */
export class SessionState {
  readonly #home: SessionDefaults;
  #left: Set<SessionStateKind> | undefined;
  /** The command that was sent last, for reports. */
  last: string | undefined;

  constructor(home: SessionDefaults) {
    this.#home = home;
  }

  get isClean(): boolean {
    return this.#left === undefined || this.#left.size === 0;
  }

  note(command: SeenCommand): void {
    const name = command.name.toLowerCase();
    this.last = name;
    rules.get(name)?.(this, command, this.#home);
  }

  add(trace: SessionStateKind): void {
    (this.#left ??= new Set()).add(trace);
  }

  remove(trace: SessionStateKind): void {
    if (!this.#left?.has('transaction')) this.#left?.delete(trace);
  }

  /** EXEC and DISCARD also end every WATCH. Without a MULTI the server refuses them, and a WATCH goes on. */
  endTransaction(): void {
    if (this.#left?.delete('transaction')) this.#left.delete('watch');
  }

  /** The commands that take everything away, or `undefined` where the connection has to be closed. */
  cleaning(): readonly (readonly string[])[] | undefined {
    const left = (Object.keys(sessionStateTable) as SessionStateKind[]).filter((trace) =>
      this.#left?.has(trace),
    );
    const rows: readonly TraceRow[] = left.map((trace) => sessionStateTable[trace]);
    if (rows.some(({ clean }) => !clean)) return undefined;
    return rows.map(({ clean }) => clean?.(this.#home) ?? []);
  }

  clear(): void {
    this.#left = undefined;
    this.last = undefined;
  }
}
