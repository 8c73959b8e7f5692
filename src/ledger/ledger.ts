import type { Clock } from '../core/clock.js';
import type { Budget } from './budget.js';
import type { CallSiteMonitor } from './connection-counts.js';
import {
  type BudgetClass,
  checkMove,
  type CloseReason,
  type ConnectionControls,
  type ConnectionFacts,
  type ConnectionHandle,
  type ConnectionInfo,
  type ConnectionState,
  type LossCause,
  type PendingWork,
  type SocketFacts,
  type StateKind,
} from './connection.js';

/** The record of all connections of a factory that are open or being opened. */
export interface Ledger {
  /**
   * Adds a connection that is about to be dialled. The budget counts it until it is closed.
   *
   * @throws HygieneError `HYG_LIMIT_CONNECTIONS`
   */
  open(facts: ConnectionFacts, handle: ConnectionHandle, budgetClass?: BudgetClass): LedgerEntry;
  entries(): readonly LedgerEntry[];
  snapshot(): readonly ConnectionInfo[];
}

/** A connection in the ledger. The move to `closed` removes it. */
export interface LedgerEntry {
  readonly id: number;
  readonly facts: ConnectionFacts;
  readonly state: ConnectionState;
  readonly handle: ConnectionHandle;
  readonly budgetClass: BudgetClass;
  /** Whether the last dial succeeded. */
  readonly wasConnected: boolean;
  move(to: ConnectionState): void;
  /** Records why the connection is about to close. The first reason is kept. */
  markClosing(reason: CloseReason): void;
  /** Records the id that the server has given the current socket. */
  setClientId(clientId: number): void;
  /** Resolves once the entry has left the ledger, with the work that was not completed. */
  whenClosed(): Promise<PendingWork>;
  info(): ConnectionInfo;
}

/** An open connection, as far as a shutdown deals with it. */
export interface ClosableEntry extends Pick<
  LedgerEntry,
  'id' | 'state' | 'wasConnected' | 'markClosing' | 'whenClosed'
> {
  readonly facts: Pick<ConnectionFacts, 'name' | 'role' | 'target'>;
  readonly handle: ConnectionControls;
}

/**
 * Called after each move. `from` is `undefined` for a new entry; `reason` is given with `closed` only, and `loss` where a
 * socket closed although its client was not told to close.
 */
export type MoveListener = (
  connection: ConnectionInfo,
  from: StateKind | undefined,
  reason?: CloseReason,
  loss?: LossCause,
) => void;

export interface LedgerPorts {
  readonly clock: Clock;
  readonly onMove: MoveListener;
  readonly budget: Pick<Budget, 'acquire' | 'acquireExempt' | 'acquireObserved' | 'release'>;
  readonly callSiteMonitor: CallSiteMonitor;
}

export function createLedger({ clock, onMove, budget, callSiteMonitor }: LedgerPorts): Ledger {
  const entries = new Set<Entry>();
  const entryPorts: EntryPorts = { clock, onMove, onClosed };
  const acquire: Readonly<Record<BudgetClass, (facts: ConnectionFacts) => void>> = {
    counted: budget.acquire,
    clusterNode: budget.acquire,
    exempt: budget.acquireExempt,
    reserved: () => undefined,
    observed: budget.acquireObserved,
    observedMember: budget.acquireObserved,
  };
  const isClientOfLine = (budgetClass: BudgetClass) =>
    budgetClass === 'counted' || budgetClass === 'observed';

  function onClosed(entry: Entry): void {
    const { facts, budgetClass } = entry;
    entries.delete(entry);
    if (budgetClass !== 'reserved') budget.release(facts);
    if (isClientOfLine(budgetClass)) callSiteMonitor.remove(facts);
  }

  return {
    open(facts, handle, budgetClass = 'counted') {
      acquire[budgetClass](facts);
      const entry = new Entry(facts, handle, budgetClass, entryPorts);
      entries.add(entry);
      onMove(entry.info(), undefined);
      if (isClientOfLine(budgetClass)) callSiteMonitor.add(facts, () => entry.info());
      return entry;
    },
    entries: () => [...entries],
    snapshot: () => [...entries].map((entry) => entry.info()),
  };
}

const NO_SOCKET: SocketFacts = { localPort: undefined, bytesRead: 0, bytesWritten: 0 };

let lastId = 0;

interface EntryPorts {
  readonly clock: Clock;
  readonly onMove: MoveListener;
  readonly onClosed: (entry: Entry) => void;
}

/** A class instead of a closure: all connections share its methods, which keeps each entry small. */
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
  #closeReason: CloseReason | undefined;
  #closeListeners: ((undone: PendingWork) => void)[] | undefined;

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

  get wasConnected(): boolean {
    return this.#wasUp;
  }

  move(to: ConnectionState): void {
    const from = this.#state.kind;
    checkMove(from, to.kind);
    this.#state = to.kind === 'closed' ? { ...to, reason: this.#closeReason ?? to.reason } : to;
    this.#since = this.#ports.clock.now();
    if (to.kind === 'connecting') this.#dials += 1;
    if (to.kind === 'connecting' || to.kind === 'connected') this.#wasUp = to.kind === 'connected';
    if (to.kind === 'reconnecting') this.#clientId = undefined;
    if (to.kind === 'closed') this.#finish();
    const reason = this.#state.kind === 'closed' ? this.#state.reason : undefined;
    this.#ports.onMove(this.info(), from, reason, 'loss' in this.#state ? this.#state.loss : undefined);
  }

  #finish(): void {
    this.#ports.onClosed(this);
    const undone = this.handle.work();
    this.#closeListeners?.forEach((resolve) => resolve(undone));
  }

  markClosing(reason: CloseReason): void {
    this.#closeReason ??= reason;
  }

  setClientId(clientId: number): void {
    this.#clientId = clientId;
  }

  whenClosed(): Promise<PendingWork> {
    if (this.#state.kind === 'closed') return Promise.resolve(this.handle.work());
    return new Promise((resolve) => (this.#closeListeners ??= []).push(resolve));
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
