import type { Redis } from 'ioredis';
import { ClientHandle } from '../handle.js';

/** A client that a Cluster made for itself. It is closed by closing the Cluster, which would make another one. */
export class MemberHandle extends ClientHandle {
  readonly #quitCluster: () => void;

  constructor(client: Redis, quitCluster: () => void) {
    super(client);
    this.#quitCluster = quitCluster;
  }

  override isMember(): boolean {
    return true;
  }

  override quit(): void {
    this.#quitCluster();
  }
}
