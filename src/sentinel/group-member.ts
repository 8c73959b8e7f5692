import type { SentinelClient } from '../connect/connectors/sentinel-connector.js';
import { connectionClosedError } from '../connect/ioredis/connection-errors.js';
import type { Clock } from '../core/clock.js';

/** A running search for the server of one client. */
interface Search {
  isCancelled: boolean;
  readonly reject: (error: Error) => void;
  /** Ends the pause between two rounds, if there is one. */
  endPause: () => void;
}

/** A client of a group that follows the same master. */
export class GroupMember {
  readonly client: SentinelClient;
  readonly #clock: Clock;
  /** `host:port` of the server that the client was sent to, as the sentinels name it. Undefined during a search. */
  assignedServer: string | undefined;
  /** `host:port` of the sentinel that named this server. Undefined if no sentinel was asked. */
  assignedBy: string | undefined;
  /** False while the client is on its way to the assigned server. */
  isSettled = true;
  /** Whether the assigned server is known to have the role that the client asked for. */
  isConfirmed = false;
  /** Whether the assigned server has turned the client away, so that it needs another one. */
  isRejected = false;
  /** `host:port` of other servers that the client could have been sent to. */
  alternatives: readonly string[] = [];
  #search: Search | undefined;

  constructor(client: SentinelClient, clock: Clock) {
    this.client = client;
    this.#clock = clock;
  }

  get isReplica(): boolean {
    return this.client.options.role === 'slave';
  }

  get followsFailovers(): boolean {
    return this.client.options.failoverDetector === true;
  }

  /** Whether the client looks for a server: in a search, or before the next one. */
  get isSearching(): boolean {
    return this.assignedServer === undefined || this.isRejected;
  }

  /** Whether the assigned server has the wrong role for this client if `master` (`host:port`) is the master. */
  isOnWrongServer(master: string): boolean {
    if (this.assignedServer === undefined) return false;
    return this.isReplica ? this.assignedServer === master : this.assignedServer !== master;
  }

  /** Sends the client to a server that this sentinel named, and not to one of the alternatives. */
  assign(server: string, sentinel: string | undefined, alternatives: readonly string[]): void {
    this.assignedServer = server;
    this.assignedBy = sentinel;
    this.alternatives = alternatives;
    this.isSettled = false;
    this.isConfirmed = false;
    this.isRejected = false;
  }

  /** The assigned server has refused the connection, or has another role than the client asked for. */
  reject(): void {
    this.isSettled = true;
    this.isRejected = true;
  }

  /** Ends the wait for the assigned server: it has accepted the connection, or a failover redials the client. */
  settle(): void {
    this.isSettled = true;
  }

  /** Runs a search, which checks `isCancelled` between its steps. Rejects at once when the search is cancelled. */
  search<Server>(find: (isCancelled: () => boolean) => Promise<Server>): Promise<Server> {
    this.assignedServer = undefined;
    this.isRejected = false;
    return new Promise((resolve, reject) => {
      const search: Search = { isCancelled: false, reject, endPause: () => undefined };
      this.#search = search;
      void find(() => search.isCancelled).then(resolve, reject);
    });
  }

  /** Cancels the search with the error that ioredis gives for a connection closed during a dial. */
  cancelSearch(): void {
    const search = this.#search;
    if (!search) return;
    search.isCancelled = true;
    search.endPause();
    search.reject(connectionClosedError());
  }

  /** Waits before the next round. Like a dial, the pause keeps the process alive. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#clock.afterRef(ms, resolve);
      const endPause = () => {
        timer.cancel();
        resolve();
      };
      if (this.#search) this.#search.endPause = endPause;
    });
  }

  endPause(): void {
    this.#search?.endPause();
  }
}
