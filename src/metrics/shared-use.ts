/** Something that several callers use, such as the metrics of a registry. Callers are counted and not kept. */
export interface SharedUse {
  users: number;
}

/**
 * Adds a caller, whose `stop()` ends its own use.
 *
 * @param onUnused Called when the last caller has stopped.
 */
export function addUser(use: SharedUse, onUnused: () => void): { stop(): void } {
  let isStopped = false;
  use.users += 1;
  return {
    stop() {
      if (isStopped) return;
      isStopped = true;
      use.users -= 1;
      if (use.users === 0) onUnused();
    },
  };
}
