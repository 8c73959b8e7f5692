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
export type MoveListener = (connection: ConnectionInfo, from: StateKind | undefined, reason?: CloseReason) => void;

const NO_SOCKET: SocketFacts = { localPort: undefined, bytesRead: 0, bytesWritten: 0 };

let lastId = 0;

interface EntryPorts {
  readonly clock: Clock;
  readonly onMove: MoveListener;
  readonly leave: (id: number) => void;
}

function createEntry(facts: ConnectionFacts, handle: ConnectionHandle, { clock, onMove, leave }: EntryPorts): LedgerEntry {
  const id = ++lastId;
  const openedAt = clock.now();
  let state: ConnectionState = { kind: 'dialling' };
  let since = openedAt;
  let dials = 1;
  let clientId: number | undefined;
  let reason: CloseReason | undefined;
  const waiters: ((undone: Work) => void)[] = [];

  function leaveLedger(): void {
    leave(id);
    const undone = handle.work();
    waiters.forEach((resolve) => resolve(undone));
  }

  const entry: LedgerEntry = {
    id,
    facts,
    handle,
    get state() {
      return state;
    },
    move(to) {
      checkMove(state.kind, to.kind);
      const from = state.kind;
      state = to.kind === 'closed' ? { kind: 'closed', reason: reason ?? to.reason } : to;
      since = clock.now();
      if (state.kind === 'dialling') dials += 1;
      if (state.kind === 'waiting') clientId = undefined;
      if (state.kind === 'closed') leaveLedger();
      onMove(entry.info(), from, state.kind === 'closed' ? state.reason : undefined);
    },
    closing: (why) => void (reason ??= why),
    identified: (serverId) => void (clientId = serverId),
    whenClosed: () =>
      new Promise((resolve) => {
        if (state.kind === 'closed') resolve(handle.work());
        else waiters.push(resolve);
      }),
    info: () => ({
      id,
      ...facts,
      state: state.kind,
      since,
      openedAt,
      dials,
      clientId,
      ...(handle.socket() ?? NO_SOCKET),
    }),
  };
  return entry;
}

/** The single truth about the connections of a factory. */
export function createLedger(ports: { readonly clock: Clock; readonly onMove: MoveListener }): Ledger {
  const live = new Map<number, LedgerEntry>();
  return {
    open(facts, handle) {
      const entry = createEntry(facts, handle, { ...ports, leave: (id) => void live.delete(id) });
      live.set(entry.id, entry);
      ports.onMove(entry.info(), undefined);
      return entry;
    },
    entries: () => [...live.values()],
    snapshot: () => [...live.values()].map((entry) => entry.info()),
  };
}
