import type { RedisOptions } from 'ioredis';
import { connect as connectTcp, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { dialTargetOf } from '../dial/dial-target.js';
import { connectionClosed } from '../ioredis/connection-errors.js';
import type { Connector, ConnectorClass } from '../ioredis/internals.js';
import type { Ioredis } from '../ioredis/load-ioredis.js';
import { waitForDial } from './enforced-connector.js';

interface StandaloneOptions {
  readonly host?: string | null;
  readonly port?: number | null;
  readonly family?: number | null;
  readonly path?: string | null;
  readonly tls?: ConnectionOptions | null;
  readonly disconnectTimeout?: number;
}

function address({ host, port, family, path }: StandaloneOptions): NetConnectOpts {
  if (path) return { path };
  const given = { host, port, family };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value != null),
  ) as unknown as NetConnectOpts;
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/**
 * Dials one server, as the connector inside ioredis does, which ioredis does not export. A dial that is called
 * off before it began never makes a socket.
 */
export function standaloneConnector({ AbstractConnector }: Ioredis): ConnectorClass {
  const Base = AbstractConnector as unknown as new (disconnectTimeout?: number) => Connector & {
    connecting: boolean;
  };

  return class StandaloneConnector extends Base {
    readonly #options: StandaloneOptions;

    constructor(options: unknown) {
      const standalone = options as StandaloneOptions;
      super(standalone.disconnectTimeout);
      this.#options = standalone;
    }

    #calledOff(): boolean {
      return !this.connecting;
    }

    override async connect(): Promise<Socket> {
      this.connecting = true;
      await waitForDial(this, dialTargetOf(this.#options as RedisOptions)); // the caller may call disconnect() meanwhile
      await nextTick(); // as ioredis does: who closes a client in the turn that made it has dialled nothing
      if (this.#calledOff()) throw connectionClosed();
      const { tls } = this.#options;
      const where = address(this.#options);
      const socket: Socket = tls ? connectTls({ ...where, ...tls }) : connectTcp(where);
      // ioredis listens to a socket that lives, in this turn; of a dead one it only asks for the error.
      if (socket.destroyed) socket.once('error', (error) => void (this.firstError = error));
      this.stream = socket;
      return socket;
    }
  };
}
