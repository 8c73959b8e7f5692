import type { Redis } from 'ioredis';
import { ClientHandle } from '../handle.js';

/** A client that a Cluster made for itself. It is closed by closing the Cluster, which would make another one. */
export class MemberHandle extends ClientHandle {
  readonly #opener: readonly string[];
  readonly #quitCluster: () => void;

  constructor(client: Redis, opener: readonly string[], quitCluster: () => void) {
    super(client);
    this.#opener = opener;
    this.#quitCluster = quitCluster;
  }

  override clusterOpener(): readonly string[] {
    return this.#opener;
  }

  override quit(): void {
    this.#quitCluster();
  }
}
