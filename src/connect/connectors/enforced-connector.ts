import type { RedisOptions } from 'ioredis';
import { Socket } from 'node:net';
import type { HygieneError } from '../../core/errors.js';
import type { ManagedConnection } from '../connection/managed-connection.js';
import type { DialDecision } from '../dial/dial-attempt.js';
import type { DialTarget } from '../dial/dial-target.js';
import { connectionClosedError } from '../ioredis/connection-errors.js';
import type { Connector, ConnectorClass } from '../ioredis/internals.js';

/** The factory of an enforced connector, as the connector uses it. */
export interface ConnectorPorts {
  /** Throws once the factory may not dial any more. */
  assertOpen(): void;
  /** Creates the connection of a client with these (final) ioredis options. */
  createConnection(options: RedisOptions): ManagedConnection;
  /** Waits until the limiter of the server admits the dial. `undefined` if it does so at once. */
  waitForDial(connection: ManagedConnection, target: DialTarget): Promise<DialDecision> | undefined;
}

/** Members that an enforced connector has in addition to those of its base class. */
const CONNECTION = Symbol('connection');
const WAIT_FOR_DIAL = Symbol('waitForDial');

/** Marks enforced connectors, also those of another copy of redis-hygiene in the process. */
const ENFORCED = Symbol.for('redis-hygiene.enforced');

/** The application's own class below each enforced connector, so that `duplicate()` does not enforce it twice. */
const wrappedConnectors = new WeakMap<object, ConnectorClass>();

/** Whether a client with this connector is enforced already. */
export function isEnforced(Connector: unknown): boolean {
  return typeof Connector === 'function' && ENFORCED in Connector;
}

/** The connection of a client that was built with an enforced connector. */
export function connectionOf(connector: object): ManagedConnection | undefined {
  return (connector as { readonly [CONNECTION]?: ManagedConnection })[CONNECTION];
}

/** Waits until this connector may dial the server. `undefined` if it may do so at once. */
export function waitForDial(connector: object, target: DialTarget): Promise<DialDecision> | undefined {
  type Waiting = { [WAIT_FOR_DIAL]?: (target: DialTarget) => Promise<DialDecision> | undefined };
  return (connector as Waiting)[WAIT_FOR_DIAL]?.(target);
}

/** The application's own class below an enforced connector, or the class itself if it is not enforced. */
export function unwrapConnector(Given: ConnectorClass): ConnectorClass {
  return wrappedConnectors.get(Given) ?? Given;
}

/**
 * Makes a connector that reports every dial and every socket to the ledger. ioredis makes one connector for each client
 * and asks it for a socket at every dial, so no dial bypasses the ledger.
 *
 * @param Base The class to extend.
 * @param Given The class that the client was given. Differs from `Base` where a class of ours lies between.
 */
export function enforceConnector(
  Base: ConnectorClass,
  Given: ConnectorClass,
  ports: ConnectorPorts,
): ConnectorClass {
  class EnforcedConnector extends Base {
    readonly [CONNECTION]: ManagedConnection;

    constructor(options: unknown) {
      super(options);
      this[CONNECTION] = ports.createConnection(options as RedisOptions);
      this[CONNECTION].connector = this;
    }

    override async connect(emit: Parameters<Connector['connect']>[0]): Promise<Socket> {
      ports.assertOpen();
      const closed = this[CONNECTION].prepareDial();
      // With `lazyConnect: false` a node of a Cluster dials in its constructor. The Cluster adopts the node after that.
      if (closed ?? this[CONNECTION].beforeUnownedDial) {
        await closed; // also if connect() is called early: a client has one socket
        ports.assertOpen();
        if (!this[CONNECTION].isDialling) throw connectionClosedError();
      }
      const deadSocket = startDial(this, this[CONNECTION]);
      if (deadSocket) return deadSocket;
      try {
        const socket = await super.connect(emit);
        this[CONNECTION].attachSocket(socket);
        return socket;
      } catch (error) {
        this[CONNECTION].dialAttempt?.release();
        if (error instanceof Error) this[CONNECTION].onFailed(error);
        this[CONNECTION].onSocketLost();
        throw error;
      }
    }

    [WAIT_FOR_DIAL](target: DialTarget): Promise<DialDecision> | undefined {
      return ports.waitForDial(this[CONNECTION], target);
    }

    override disconnect(): void {
      if (this[CONNECTION].shouldKeepDialling()) return;
      // A destroyed socket emits no further close event, so ioredis would keep the process alive for `disconnectTimeout`.
      if (this.stream?.destroyed) delete this.stream;
      super.disconnect();
      this[CONNECTION].onDisconnecting();
      this[CONNECTION].dialAttempt?.cancel(connectionClosedError());
    }
  }
  wrappedConnectors.set(EnforcedConnector, Given);
  return Object.assign(EnforcedConnector, { [ENFORCED]: true });
}

/**
 * Enters the dial into the ledger, which takes a place in the budget if the connection has none. An exception would end a
 * library's client that dials again after a loss, and its place in the budget was freed by that loss. So a refusal of such
 * a client is reported, and returned as a destroyed socket: to the client the dial has failed, and it dials again later.
 */
function startDial(connector: Connector, connection: ManagedConnection): Socket | undefined {
  try {
    connection.onDialStarted();
    return undefined;
  } catch (error) {
    const refusal = error as HygieneError;
    connection.report(refusal);
    if (!connection.isLibraryRedial) {
      connection.onRefused();
      throw refusal;
    }
    connector.firstError = refusal;
    return new Socket().destroy();
  }
}
