import type { RedisOptions } from 'ioredis';
import type { NetConnectOpts, Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { openSocket } from '../dial/open-socket.js';
import { afterEarlyError } from '../connection/socket.js';
import { dialTargetOf } from '../dial/dial-target.js';
import { connectionClosedError } from '../ioredis/connection-errors.js';
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

/**
 * Makes the connector for a single server. It does what the connector inside of ioredis does, which ioredis does not
 * export. A dial that is cancelled before it has started makes no socket.
 */
export function defineStandaloneConnector({ AbstractConnector }: Ioredis): ConnectorClass {
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

    #isCancelled(): boolean {
      return !this.connecting;
    }

    override async connect(): Promise<Socket> {
      this.connecting = true;
      await waitForDial(this, dialTargetOf(this.#options as RedisOptions)); // disconnect() may be called meanwhile
      await waitForNextTick(); // as in ioredis: a client that is closed in the turn that made it dials nothing
      if (this.#isCancelled()) throw connectionClosedError();
      const socket = openSocket(connectOptionsOf(this.#options), this.#options.tls);
      if (socket.destroyed) socket.once('error', (error) => void (this.firstError = error));
      return afterEarlyError((this.stream = socket));
    }
  };
}

function connectOptionsOf({ host, port, family, path }: StandaloneOptions): NetConnectOpts {
  if (path) return { path };
  const given = { host, port, family };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value != null),
  ) as unknown as NetConnectOpts;
}

function waitForNextTick(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
