import type { RedisOptions } from 'ioredis';
import { Socket } from 'node:net';
import type { HygieneError } from '../../core/errors.js';
import type { ManagedConnection } from '../connection/managed-connection.js';
import type { DialDecision } from '../dial/dial-attempt.js';
import type { DialTarget } from '../dial/dial-target.js';
import { connectionClosed } from '../ioredis/connection-errors.js';
import type { Connector, ConnectorClass } from '../ioredis/internals.js';

/** What an enforced connector asks of the factory it belongs to. */
export interface ConnectorPorts {
  /** Throws where no connection may be dialled any more. */
  admit(): void;
  /** A line to the ledger for a client with these (final) ioredis options. */
  link(options: RedisOptions): ManagedConnection;
  /** Waits until the server's gate lets this link's dial pass. Nothing where it does at once. */
  pass(link: ManagedConnection, to: DialTarget): Promise<DialDecision> | undefined;
}

/** Where a connector of ours keeps its link, and passes gates. */
const LINK = Symbol('link');
const PASS = Symbol('pass');

/** Marks a connector of ours, or of another copy of redis-hygiene in the process. */
const ENFORCED = Symbol.for('redis-hygiene.enforced');

/** Which class stands underneath each of ours, so that `duplicate()` does not wrap twice. */
const wrapped = new WeakMap<object, ConnectorClass>();

/** Whether a client with this connector is enforced already. */
export function isEnforced(Connector: unknown): boolean {
  return typeof Connector === 'function' && ENFORCED in Connector;
}

/** The link of a client that was built with an enforced connector. */
export function connectionOf(connector: object): ManagedConnection | undefined {
  return (connector as { readonly [LINK]?: ManagedConnection })[LINK];
}

/** Waits until this connector may dial the server. Nothing where it may at once. */
export function waitForDial(connector: object, to: DialTarget): Promise<DialDecision> | undefined {
  return (connector as { [PASS]?: (to: DialTarget) => Promise<DialDecision> | undefined })[PASS]?.(to);
}

/** The caller's own connector underneath one of ours, or the class itself. */
export function unwrap(Given: ConnectorClass): ConnectorClass {
  return wrapped.get(Given) ?? Given;
}

/**
 * Takes a place in the budget, where the client has none. To throw would end a library's client that has just lost its
 * connection, and its place with it: for that one it is a dial that failed, after which it waits and dials again.
 */
function enter(connector: Connector, link: ManagedConnection): Socket | undefined {
  try {
    link.dialling();
    return undefined;
  } catch (error) {
    const refusal = error as HygieneError;
    link.report(refusal);
    if (!link.isReturning) throw refusal;
    connector.firstError = refusal;
    return new Socket().destroy();
  }
}

/**
 * A connector that reports every dial and every socket to the ledger. ioredis makes one for each client and
 * asks it for a socket on every attempt, so nothing is dialled beside it.
 *
 * @param given The class that is being enforced, underneath what of ours lies between.
 */
export function enforceConnector(
  Base: ConnectorClass,
  given: ConnectorClass,
  gatekeeper: ConnectorPorts,
): ConnectorClass {
  class EnforcedConnector extends Base {
    readonly [LINK]: ManagedConnection;
    #disconnects = 0;

    constructor(options: unknown) {
      super(options);
      this[LINK] = gatekeeper.link(options as RedisOptions);
      this[LINK].connector = this;
    }

    override async connect(emit: Parameters<Connector['connect']>[0]): Promise<Socket> {
      gatekeeper.admit();
      const vacated = this[LINK].vacate();
      if (vacated) await this.#until(vacated);
      const refused = enter(this, this[LINK]);
      if (refused) return refused;
      try {
        const socket = await super.connect(emit);
        this[LINK].attach(socket);
        return socket;
      } catch (error) {
        this[LINK].passage?.leave();
        this[LINK].detached();
        throw error;
      }
    }

    [PASS](to: DialTarget): Promise<DialDecision> | undefined {
      return gatekeeper.pass(this[LINK], to);
    }

    /** The old socket is gone before the new one is dialled, also where connect() is called early. */
    async #until(vacated: Promise<void>): Promise<void> {
      const disconnects = this.#disconnects;
      await vacated;
      gatekeeper.admit();
      if (disconnects !== this.#disconnects) throw connectionClosed();
    }

    override disconnect(): void {
      if (this[LINK].passage?.goesOnWaiting()) return;
      this.#disconnects += 1;
      // A socket that is gone already would hold the process for `disconnectTimeout`: its close comes no more.
      if (this.stream?.destroyed) delete this.stream;
      super.disconnect();
      this[LINK].disconnecting();
      this[LINK].passage?.callOff(connectionClosed());
    }
  }
  wrapped.set(EnforcedConnector, given);
  return Object.assign(EnforcedConnector, { [ENFORCED]: true });
}
