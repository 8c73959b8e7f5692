import type { SentinelClient } from '../connect/connectors/sentinel-connector.js';
import { connectionClosed } from '../connect/ioredis/connection-errors.js';
import type { Clock } from '../core/clock.js';

/** A search for the server that is under way. */
interface Search {
  isOver: boolean;
  readonly callOff: (error: Error) => void;
  /** Ends its pause, if it makes one. */
  wake: () => void;
}

/** One client among those that follow the same master. */
export class GroupMember {
  readonly client: SentinelClient;
  readonly #clock: Clock;
  /** The server that it was sent to, as the sentinels call it. Nothing while it searches. */
  sentTo: string | undefined;
  /** The sentinel that was asked for it. */
  sentBy: string | undefined;
  /** Whether that server has taken the connection, or none was named. */
  isThere = true;
  #search: Search | undefined;

  constructor(client: SentinelClient, clock: Clock) {
    this.client = client;
    this.#clock = clock;
  }

  get isReplica(): boolean {
    return this.client.options.role === 'slave';
  }

  /** Whether failovers concern it. */
  get isWatching(): boolean {
    return this.client.options.failoverDetector === true;
  }

  /** Whether it looks for its server just now. */
  get isSearching(): boolean {
    return this.sentTo === undefined;
  }

  /** Whether it has been sent to a server that has the wrong role, now that this one is the master. */
  isMisplaced(master: string): boolean {
    if (this.sentTo === undefined) return false;
    return this.isReplica ? this.sentTo === master : this.sentTo !== master;
  }

  /** It is on its way to the server that this sentinel named. */
  send(server: string, sentinel: string | undefined): void {
    this.sentTo = server;
    this.sentBy = sentinel;
    this.isThere = false;
  }

  /** It is called away before it could get there: nobody is to blame. */
  absolve(): void {
    this.isThere = true;
  }

  /** Runs a search, which asks now and then whether it is over. Ends with it, or when it is called off. */
  search<Found>(work: (isOver: () => boolean) => Promise<Found>): Promise<Found> {
    this.sentTo = undefined;
    return new Promise((resolve, reject) => {
      const search: Search = { isOver: false, callOff: reject, wake: () => undefined };
      this.#search = search;
      void work(() => search.isOver).then(resolve, reject);
    });
  }

  /** ioredis says no more than this of a connection that was called off. */
  callOff(): void {
    const search = this.#search;
    if (!search) return;
    search.isOver = true;
    search.wake();
    search.callOff(connectionClosed());
  }

  /** Waits before the next round. The process waits with it, as with a dial. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#clock.hold(ms, resolve);
      const wake = () => {
        timer.cancel();
        resolve();
      };
      if (this.#search) this.#search.wake = wake;
    });
  }

  wake(): void {
    this.#search?.wake();
  }
}
