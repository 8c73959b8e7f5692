import type { Clock } from '../core/clock.js';
import { checkMove, type CloseReason, type ConnectionState, type StateKind } from './state.js';

/** What is known of a connection before it is dialled. It does not change. */
export interface ConnectionFacts {
  /** As in CLIENT LIST. */
  readonly name: string;
  readonly role: string;
  /** URL of the server, without credentials. */
  readonly target: string;
  /** Id of the connection this one was duplicated from. */
  readonly parent?: number | undefined;
  /** The call site that opened it, innermost frame first. Empty if switched off. */
  readonly opener: readonly string[];
}

/** What the ledger asks a live socket when someone looks. */
export interface SocketFacts {
  readonly localPort: number | undefined;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** One connection, as plain data without secrets. */
export interface ConnectionInfo extends ConnectionFacts, SocketFacts {
  /** Counts up within the process. */
  readonly id: number;
  readonly state: StateKind;
  /** When this state began, in milliseconds since the epoch. */
  readonly since: number;
  /** When the connection entered the ledger, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** How often it has been dialled; above 1 it has reconnected. */
  readonly dials: number;
  /** The server's id of it (CLIENT ID), once known. */
  readonly clientId: number | undefined;
}

/** What a connection still has to do. */
export interface Work {
  /** Commands without a reply. */
  readonly pending: number;
  /** Those of them that auto-pipelining has not written yet. */
  readonly unsent: number;
  /** Whether the first of them waits on the server until data comes (BLPOP, XREAD BLOCK, …). */
  readonly blocked: boolean;
}

/** How a connection is closed, and what would be lost. */
export interface ConnectionControls {
  work(): Work;
  /** Asks the connection to close once all replies are in. */
  quit(): void;
  /** Closes it now: pending commands fail, the socket is destroyed. */
  destroy(): void;
}

/** How a connection is looked at and closed. Given by whoever opened it. */
export interface ConnectionHandle extends ConnectionControls {
  socket(): SocketFacts | undefined;
}

/** A connection in the ledger. Leaves it with the move to `closed`. */
export interface LedgerEntry {
  readonly id: number;
  readonly facts: ConnectionFacts;
  readonly state: ConnectionState;
  readonly handle: ConnectionHandle;
  move(to: ConnectionState): void;
  /** Remembers why the connection is about to close. The first reason wins. */
  closing(reason: CloseReason): void;
  /** Keeps the server's id of the current socket. */
  identified(clientId: number): void;
  /** Resolves when the entry has left the ledger, with the work that was left undone. */
  whenClosed(): Promise<Work>;
  info(): ConnectionInfo;
}

export interface Ledger {
  /** Enters a connection that is about to be dialled. */
  open(facts: ConnectionFacts, handle: ConnectionHandle): LedgerEntry;
  entries(): readonly LedgerEntry[];
  snapshot(): readonly ConnectionInfo[];
}

/** Hears of each move. `reason` comes with `closed`. */
export type MoveListener = (
  connection: ConnectionInfo,
  from: StateKind | undefined,
  reason?: CloseReason,
) => void;

const NO_SOCKET: SocketFacts = { localPort: undefined, bytesRead: 0, bytesWritten: 0 };

let lastId = 0;

interface EntryPorts {
  readonly clock: Clock;
  readonly onMove: MoveListener;
  readonly leave: (entry: Entry) => void;
}

/** A class, because there is one for each connection: shared methods keep it small. */
class Entry implements LedgerEntry {
  readonly id = ++lastId;
  readonly facts: ConnectionFacts;
  readonly handle: ConnectionHandle;
  readonly #ports: EntryPorts;
  readonly #openedAt: number;
  #state: ConnectionState = { kind: 'dialling' };
  #since: number;
  #dials = 1;
  #clientId: number | undefined;
  #reason: CloseReason | undefined;
  #waiters: ((undone: Work) => void)[] | undefined;

  constructor(facts: ConnectionFacts, handle: ConnectionHandle, ports: EntryPorts) {
    this.facts = facts;
    this.handle = handle;
    this.#ports = ports;
    this.#openedAt = this.#since = ports.clock.now();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  move(to: ConnectionState): void {
    const from = this.#state.kind;
    checkMove(from, to.kind);
    this.#state = to.kind === 'closed' ? { kind: 'closed', reason: this.#reason ?? to.reason } : to;
    this.#since = this.#ports.clock.now();
    if (to.kind === 'dialling') this.#dials += 1;
    if (to.kind === 'waiting') this.#clientId = undefined;
    if (to.kind === 'closed') this.#leave();
    this.#ports.onMove(this.info(), from, this.#state.kind === 'closed' ? this.#state.reason : undefined);
  }

  #leave(): void {
    this.#ports.leave(this);
    const undone = this.handle.work();
    this.#waiters?.forEach((resolve) => resolve(undone));
  }

  closing(reason: CloseReason): void {
    this.#reason ??= reason;
  }

  identified(clientId: number): void {
    this.#clientId = clientId;
  }

  whenClosed(): Promise<Work> {
    if (this.#state.kind === 'closed') return Promise.resolve(this.handle.work());
    return new Promise((resolve) => (this.#waiters ??= []).push(resolve));
  }

  info(): ConnectionInfo {
    return {
      id: this.id,
      ...this.facts,
      state: this.#state.kind,
      since: this.#since,
      openedAt: this.#openedAt,
      dials: this.#dials,
      clientId: this.#clientId,
      ...(this.handle.socket() ?? NO_SOCKET),
    };
  }
}

/** The single truth about the connections of a factory. */
export function createLedger({ clock, onMove }: Omit<EntryPorts, 'leave'>): Ledger {
  const live = new Set<Entry>();
  const ports: EntryPorts = { clock, onMove, leave: (entry) => void live.delete(entry) };
  return {
    open(facts, handle) {
      const entry = new Entry(facts, handle, ports);
      live.add(entry);
      onMove(entry.info(), undefined);
      return entry;
    },
    entries: () => [...live],
    snapshot: () => [...live].map((entry) => entry.info()),
  };
}
