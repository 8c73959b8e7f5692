import type { Clock } from '../core/clock.js';
import type { Budget } from './budget.js';
import type { CallSiteMonitor } from './connection-counts.js';
import {
  checkMove,
  type CloseReason,
  type ConnectionFacts,
  type ConnectionHandle,
  type ConnectionInfo,
  type ConnectionState,
  type SocketFacts,
  type BudgetClass,
  type StateKind,
  type PendingWork,
} from './connection.js';

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
  whenClosed(): Promise<PendingWork>;
  info(): ConnectionInfo;
}

export interface Ledger {
  /**
   * Enters a connection that is about to be dialled. It has its place in the budget until it leaves.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS`
   */
  open(facts: ConnectionFacts, handle: ConnectionHandle, budgetClass?: BudgetClass): LedgerEntry;
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
  readonly suspects: CallSiteMonitor;
}

/** The single truth about the connections of a factory. */
export function createLedger({ clock, onMove, budget, suspects }: LedgerPorts): Ledger {
  const live = new Set<Entry>();
  const ports: EntryPorts = { clock, onMove, leave };
  const enter: Readonly<Record<BudgetClass, (facts: ConnectionFacts) => void>> = {
    counted: budget.take,
    clusterNode: budget.take,
    exempt: budget.count,
    reserved: () => undefined,
  };

  function leave(entry: Entry): void {
    const { facts, budgetClass } = entry;
    live.delete(entry);
    if (budgetClass !== 'reserved') budget.giveBack(facts);
    if (budgetClass === 'counted') suspects.closed(facts);
  }

  return {
    open(facts, handle, budgetClass = 'counted') {
      enter[budgetClass](facts);
      const entry = new Entry(facts, handle, budgetClass, ports);
      live.add(entry);
      onMove(entry.info(), undefined);
      if (budgetClass === 'counted') suspects.opened(facts, () => entry.info());
      return entry;
    },
    entries: () => [...live],
    snapshot: () => [...live].map((entry) => entry.info()),
  };
}

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
  readonly budgetClass: BudgetClass;
  readonly #ports: EntryPorts;
  readonly #openedAt: number;
  #state: ConnectionState = { kind: 'connecting' };
  #since: number;
  #dials = 1;
  #wasUp = false;
  #clientId: number | undefined;
  #reason: CloseReason | undefined;
  #waiters: ((undone: PendingWork) => void)[] | undefined;

  constructor(facts: ConnectionFacts, handle: ConnectionHandle, budgetClass: BudgetClass, ports: EntryPorts) {
    this.facts = facts;
    this.handle = handle;
    this.budgetClass = budgetClass;
    this.#ports = ports;
    this.#openedAt = this.#since = ports.clock.now();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get wasUp(): boolean {
    return this.#wasUp;
  }

  move(to: ConnectionState): void {
    const from = this.#state.kind;
    checkMove(from, to.kind);
    this.#state = to.kind === 'closed' ? { kind: 'closed', reason: this.#reason ?? to.reason } : to;
    this.#since = this.#ports.clock.now();
    if (to.kind === 'connecting') this.#dials += 1;
    if (to.kind === 'connecting' || to.kind === 'connected') this.#wasUp = to.kind === 'connected';
    if (to.kind === 'reconnecting') this.#clientId = undefined;
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

  whenClosed(): Promise<PendingWork> {
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
