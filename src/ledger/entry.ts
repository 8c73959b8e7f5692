import type { Clock } from '../core/clock.js';
import type {
  ConnectionFacts,
  ConnectionHandle,
  ConnectionInfo,
  LedgerEntry,
  MoveListener,
  SocketFacts,
  Standing,
  Work,
} from './ledger.js';
import { checkMove, type CloseReason, type ConnectionState } from './state.js';

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
