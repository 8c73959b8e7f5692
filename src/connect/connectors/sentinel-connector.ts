import type { RedisOptions } from 'ioredis';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { HygieneError } from '../../core/errors.js';
import type { LedgerEntry } from '../../ledger/ledger.js';
import { dialTargetAt } from '../dial/dial-target.js';
import { connectionClosed } from '../ioredis/connection-errors.js';
import type { Connector, ConnectorClass } from '../ioredis/internals.js';
import type { Ioredis } from '../ioredis/load-ioredis.js';
import { connectionOf, waitForDial } from './enforced-connector.js';

/** Where a server listens, as the client reaches it. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** One client that has its server from sentinels. */
export interface SentinelClient {
  readonly options: RedisOptions;
  /** The server is elsewhere now: the socket is destroyed, or the wait for the next dial cut short. */
  redial(): void;
  /** Tells of a failure that the client sees too. */
  report(error: HygieneError): void;
}

/** How a search for the server goes on, told while it lasts. */
export interface SearchListener {
  /** One sentinel did not help. */
  readonly onSentinelError: (error: HygieneError) => void;
  /** None of them did. It is tried again. */
  readonly onRound: (error: HygieneError) => void;
}

/** A client's place among those that have the same sentinels and the same master. */
export interface GroupMembership {
  /**
   * Finds the server to dial.
   *
   * @throws HygieneError `HYG_SENTINEL_UNREACHABLE`, `HYG_MASTER_UNKNOWN`, `HYG_REPLICA_UNAVAILABLE` where the retry
   * strategy says to stop
   * @throws Error where it was called off
   */
  locate(listener: SearchListener): Promise<ServerAddress>;
  /** Ends a search that is under way. */
  callOff(): void;
  /** The server that was found takes the connection. */
  reached(): void;
  /** It has the right role, or a wrong one. */
  arrived(): void;
  misled(): void;
  leave(): void;
}

/** Where clients ask for their server. */
export interface SentinelPorts {
  readonly join: (client: SentinelClient) => GroupMembership;
}

function tlsOf({ enableTLSForSentinelMode, tls }: RedisOptions): RedisOptions['tls'] {
  return enableTLSForSentinelMode ? tls : undefined;
}

function dial({ host, port }: ServerAddress, tls: RedisOptions['tls']): Socket {
  return tls ? connectTls({ host, port, ...tls }) : connectTcp({ host, port });
}

function listenerFor(emit: Parameters<Connector['connect']>[0]): SearchListener {
  return {
    onSentinelError: (error) => emit('sentinelError', error),
    onRound: (error) => emit('error', error),
  };
}

/** A connector's place among the clients, for as long as its own one is in the ledger. */
interface Place {
  readonly entry: LedgerEntry | undefined;
  readonly membership: GroupMembership;
}

/** The place of before, or a new one: whoever dials after its end joins anew. */
function placeOf(
  connector: object,
  before: Place | undefined,
  options: RedisOptions,
  join: SentinelPorts['join'],
): Place {
  const link = connectionOf(connector);
  const entry = link?.entry;
  if (before && before.entry === entry) return before;
  const membership = join({
    options,
    redial: () => link?.redial(),
    report: (error) => link?.report(error),
  });
  void entry?.whenClosed().then(() => membership.leave());
  return { entry, membership };
}

/**
 * Dials the server that the sentinels name, as the connector of ioredis does; asking them, and hearing of it when
 * the server is another, is the business of `sentinel/`.
 */
export function sentinelConnector({ AbstractConnector }: Ioredis, { join }: SentinelPorts): ConnectorClass {
  const Base = AbstractConnector as unknown as new (disconnectTimeout?: number) => Connector & {
    connecting: boolean;
  };

  return class SentinelConnector extends Base {
    readonly #options: RedisOptions;
    #place: Place | undefined;

    constructor(options: unknown) {
      const given = options as RedisOptions;
      super(given.disconnectTimeout);
      this.#options = given;
    }

    override async connect(emit: Parameters<Connector['connect']>[0]): Promise<Socket> {
      this.connecting = true;
      const { membership } = (this.#place = placeOf(this, this.#place, this.#options, join));
      const address = await this.#arrive(membership, listenerFor(emit));
      const socket = dial(address, tlsOf(this.#options));
      socket.once('connect', () => this.#reached(membership));
      socket.once('error', (error) => void (this.firstError = error));
      return (this.stream = socket);
    }

    /** Looks for the server, and again where that moves while many dial it. */
    async #arrive(membership: GroupMembership, listener: SearchListener): Promise<ServerAddress> {
      for (;;) {
        const address = await membership.locate(listener);
        if (this.#isCalledOff()) throw connectionClosed();
        const passing = await waitForDial(this, dialTargetAt(address, tlsOf(this.#options)));
        if (this.#isCalledOff()) throw connectionClosed();
        if (passing !== 'moved') return address;
      }
    }

    /** Of a library's client no more is known than this. */
    #reached(membership: GroupMembership): void {
      membership.reached();
      if (!connectionOf(this)?.owner) membership.arrived();
    }

    #isCalledOff(): boolean {
      return !this.connecting;
    }

    /** A server whose role is known must have the one that was asked for. */
    override check(info: unknown): boolean {
      const { role } = info as { readonly role?: string };
      const isRight = !role || role === this.#options.role;
      if (isRight) this.#place?.membership.arrived();
      else this.#place?.membership.misled();
      return isRight;
    }

    override disconnect(): void {
      super.disconnect();
      this.#place?.membership.callOff();
    }
  };
}
