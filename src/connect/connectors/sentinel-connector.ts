import type { RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import type { HygieneError } from '../../core/errors.js';
import type { LedgerEntry } from '../../ledger/ledger.js';
import { afterEarlyError } from '../connection/socket.js';
import { dialTargetAt } from '../dial/dial-target.js';
import { openSocket } from '../dial/open-socket.js';
import { connectionClosedError } from '../ioredis/connection-errors.js';
import type { Connector, ConnectorClass } from '../ioredis/internals.js';
import type { Ioredis } from '../ioredis/load-ioredis.js';
import { connectionOf, waitForDial } from './enforced-connector.js';

/** Address of a server, as the client reaches it. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** A client whose server is found by sentinels. */
export interface SentinelClient {
  readonly options: RedisOptions;
  /** The server has moved: destroys the socket, or skips the delay before the next dial. */
  redial(): void;
  /** The server turns the client away, and another one may not: skips the delay before the next dial. */
  dialNow(): void;
  /** The client is connected, and its sentinels are watched: a failover would be noticed. */
  onWatched(): void;
  /** The connection to one of the watched sentinels is lost, and is dialled again. */
  onSentinelLost(): void;
  /** Reports a failure that the client sees too. */
  report(error: HygieneError): void;
}

/** Listener for the progress of a search for the server. */
export interface SearchListener {
  /** A sentinel gave no usable answer. */
  readonly onSentinelError: (error: HygieneError) => void;
  /** No sentinel gave a usable answer. Another round follows. */
  readonly onRoundFailed: (error: HygieneError) => void;
}

/** Membership of a client in the group of clients that follow the same master by the same sentinels. */
export interface GroupMembership {
  /**
   * Finds the server to dial.
   *
   * @throws HygieneError `HYG_SENTINEL_UNREACHABLE`, `HYG_MASTER_UNKNOWN`, `HYG_REPLICA_UNAVAILABLE` if the retry
   * strategy says to stop
   * @throws Error if the search was cancelled
   */
  locate(listener: SearchListener): Promise<ServerAddress>;
  /** Ends a search that is in progress. */
  cancelSearch(): void;
  /** The server that was found has accepted the connection. */
  onConnected(): void;
  /** The server that was found has refused the connection, or could not be reached. */
  onRefused(): void;
  /** The server has the role that the client asked for. */
  onRoleConfirmed(): void;
  /** The server has another role than the client asked for. */
  onWrongRole(): void;
  leave(): void;
}

/** The groups of clients that follow a master. Implemented by `sentinel/`. */
export interface MasterGroups {
  readonly join: (client: SentinelClient) => GroupMembership;
}

/** Emits an event of the client. */
type Emit = Parameters<Connector['connect']>[0];

/**
 * Makes the connector that dials the server named by sentinels, as the connector inside of ioredis does. Asking the
 * sentinels, and learning that the server has moved, is the task of `sentinel/`.
 */
export function defineSentinelConnector(copy: Ioredis, { join }: MasterGroups): ConnectorClass {
  const Base = copy.AbstractConnector as unknown as new (disconnectTimeout?: number) => Connector & {
    connecting: boolean;
  };

  return class SentinelConnector extends Base {
    readonly #options: RedisOptions;
    #joined: JoinedGroup | undefined;

    constructor(options: unknown) {
      super((options as RedisOptions).disconnectTimeout);
      this.#options = options as RedisOptions;
    }

    override async connect(emit: Emit): Promise<Socket> {
      this.connecting = true;
      const { membership } = (this.#joined = joinGroup(this, this.#joined, this.#options, emit, join));
      const address = await this.#locate(membership, createSearchListener(emit));
      const socket = openSocket({ ...address }, tlsOf(this.#options));
      socket.once('connect', () => this.#onConnected(membership));
      socket.once('close', () => this.#isCancelled() || membership.onRefused());
      socket.once('error', (error) => void (this.firstError = error));
      return afterEarlyError((this.stream = socket));
    }

    /** Finds the server and waits until it may be dialled. Starts again if the server moves during the wait. */
    async #locate(membership: GroupMembership, listener: SearchListener): Promise<ServerAddress> {
      for (;;) {
        const address = await membership.locate(listener);
        if (this.#isCancelled()) throw connectionClosedError();
        const decision = await waitForDial(this, dialTargetAt(address, tlsOf(this.#options)));
        if (this.#isCancelled()) throw connectionClosedError();
        if (decision !== 'moved') return address;
      }
    }

    /** A library's client reports no role, so its connection counts as confirmed. */
    #onConnected(membership: GroupMembership): void {
      membership.onConnected();
      if (!connectionOf(this)?.owner) membership.onRoleConfirmed();
    }

    #isCancelled(): boolean {
      return !this.connecting;
    }

    /** A server that tells its role must have the role that was asked for. */
    override check(info: unknown): boolean {
      const { role } = info as { readonly role?: string };
      const isRightRole = !role || role === this.#options.role;
      if (isRightRole) this.#joined?.membership.onRoleConfirmed();
      else this.#joined?.membership.onWrongRole();
      return isRightRole;
    }

    override disconnect(): void {
      super.disconnect();
      this.#joined?.membership.cancelSearch();
    }
  };
}

/** The membership of a connector. Lasts as long as the ledger entry of its connection. */
interface JoinedGroup {
  readonly entry: LedgerEntry | undefined;
  readonly membership: GroupMembership;
}

/** Returns the last membership, or a new one: a client that dials after its end has a new entry and joins again. */
function joinGroup(
  connector: object,
  last: JoinedGroup | undefined,
  options: RedisOptions,
  emit: Emit,
  join: MasterGroups['join'],
): JoinedGroup {
  const connection = connectionOf(connector);
  const entry = connection?.entry;
  if (last && last.entry === entry) return last;
  const membership = join({
    options,
    redial: () => connection?.redial(),
    dialNow: () => connection?.dialNow(),
    report: (error) => connection?.report(error),
    // Events by which programs that were written for ioredis follow its watching of sentinels.
    onWatched: () => emit('failoverSubscribed'),
    onSentinelLost: () => emit('sentinelReconnecting'),
  });
  void entry?.whenClosed().then(() => membership.leave());
  return { entry, membership };
}

function createSearchListener(emit: Emit): SearchListener {
  return {
    onSentinelError: (error) => emit('sentinelError', error),
    onRoundFailed: (error) => emit('error', error),
  };
}

function tlsOf({ enableTLSForSentinelMode, tls }: RedisOptions): RedisOptions['tls'] {
  return enableTLSForSentinelMode ? tls : undefined;
}
