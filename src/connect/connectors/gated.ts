import type { RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import { serverBehind } from '../gate/destination.js';
import type { Connector, ConnectorClass } from '../ioredis.js';
import { passGate } from './enforced.js';
import { connectionClosed } from '../refusal.js';

/** Has the caller's own connector dial when the gate lets it. Ours pass by themselves, when they know where to. */
export function gatedConnector(Base: ConnectorClass): ConnectorClass {
  return class GatedConnector extends Base {
    readonly #options: RedisOptions;
    #disconnects = 0;

    constructor(options: unknown) {
      super(options);
      this.#options = options as RedisOptions;
    }

    override async connect(emit: Parameters<Connector['connect']>[0]): Promise<Socket> {
      const disconnects = this.#disconnects;
      await passGate(this, serverBehind(Base, this.#options));
      if (disconnects !== this.#disconnects) throw connectionClosed();
      return super.connect(emit);
    }

    override disconnect(): void {
      this.#disconnects += 1;
      super.disconnect();
    }
  };
}
