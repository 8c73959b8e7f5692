import type { Clock } from '../core/clock.js';
import type { Budget } from './budget.js';
import { Entry, type EntryPorts } from './entry.js';
import type { CloseReason, ConnectionState, StateKind } from './state.js';
import type { Suspects } from './suspects.js';

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

/**
 * How a connection is counted. `own`: it takes a place in the budget, and its line of code answers for it. `member`: it
 * takes a place, but a Cluster opened it. `guide`: the others find their server by it (sentinels, and whom a Cluster
 * asks for its slots), so it is counted, but never refused. `covered`: its place is reserved already, by the pool that
 * it belongs to.
 */
export type Standing = 'own' | 'member' | 'guide' | 'covered';

/** A connection in the ledger. Leaves it with the move to `closed`. */
export interface LedgerEntry {
  readonly id: number;
  readonly facts: ConnectionFacts;
  readonly state: ConnectionState;
  readonly handle: ConnectionHandle;
  /** Whether its last dial succeeded. */
  readonly wasUp: boolean;
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
  /**
   * Enters a connection that is about to be dialled. It has its place in the budget until it leaves.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS`
   */
  open(facts: ConnectionFacts, handle: ConnectionHandle, standing?: Standing): LedgerEntry;
  entries(): readonly LedgerEntry[];
  snapshot(): readonly ConnectionInfo[];
}

/** Hears of each move. `reason` comes with `closed`. */
export type MoveListener = (
  connection: ConnectionInfo,
  from: StateKind | undefined,
  reason?: CloseReason,
) => void;

export interface LedgerPorts {
  readonly clock: Clock;
  readonly onMove: MoveListener;
  readonly budget: Pick<Budget, 'take' | 'count' | 'giveBack'>;
  readonly suspects: Suspects;
}

/** The single truth about the connections of a factory. */
export function createLedger({ clock, onMove, budget, suspects }: LedgerPorts): Ledger {
  const live = new Set<Entry>();
  const ports: EntryPorts = { clock, onMove, leave };
  const enter: Readonly<Record<Standing, (facts: ConnectionFacts) => void>> = {
    own: budget.take,
    member: budget.take,
    guide: budget.count,
    covered: () => undefined,
  };

  function leave(entry: Entry): void {
    const { facts, standing } = entry;
    live.delete(entry);
    if (standing !== 'covered') budget.giveBack(facts);
    if (standing === 'own') suspects.closed(facts);
  }

  return {
    open(facts, handle, standing = 'own') {
      enter[standing](facts);
      const entry = new Entry(facts, handle, standing, ports);
      live.add(entry);
      onMove(entry.info(), undefined);
      if (standing === 'own') suspects.opened(facts, () => entry.info());
      return entry;
    },
    entries: () => [...live],
    snapshot: () => [...live].map((entry) => entry.info()),
  };
}
