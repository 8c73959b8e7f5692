import type { Clock } from '../core/clock.js';
import type { Budget } from './budget.js';
import type { Suspects } from './connection-counts.js';
import {
  checkMove,
  type CloseReason,
  type ConnectionFacts,
  type ConnectionHandle,
  type ConnectionInfo,
  type ConnectionState,
  type SocketFacts,
  type Standing,
  type StateKind,
  type Work,
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

const NO_SOCKET: SocketFacts = { localPort: undefined, bytesRead: 0, bytesWritten: 0 };

let lastId = 0;

export interface EntryPorts {
  readonly clock: Clock;
  readonly onMove: MoveListener;
  readonly leave: (entry: Entry) => void;
}

/** A class, because there is one for each connection: shared methods keep it small. */
export class Entry implements LedgerEntry {
  readonly id = ++lastId;
  readonly facts: ConnectionFacts;
  readonly handle: ConnectionHandle;
  readonly standing: Standing;
  readonly #ports: EntryPorts;
  readonly #openedAt: number;
  #state: ConnectionState = { kind: 'dialling' };
  #since: number;
  #dials = 1;
  #wasUp = false;
  #clientId: number | undefined;
  #reason: CloseReason | undefined;
  #waiters: ((undone: Work) => void)[] | undefined;

  constructor(facts: ConnectionFacts, handle: ConnectionHandle, standing: Standing, ports: EntryPorts) {
    this.facts = facts;
    this.handle = handle;
    this.standing = standing;
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
    if (to.kind === 'dialling') this.#dials += 1;
    if (to.kind === 'dialling' || to.kind === 'connected') this.#wasUp = to.kind === 'connected';
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
