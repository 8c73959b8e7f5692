import type { Cluster } from 'ioredis';
import type { NodeRow, TestCluster } from './cluster.js';

/** Writes to the slots of all masters until the load is disposed of. */
export interface Load extends AsyncDisposable {
  /** Number of acknowledged writes. */
  readonly acknowledged: number;
  /** Rows of CLIENT LIST that showed a foreign name or no name in two consecutive samples. */
  readonly foreignRows: readonly NodeRow[];
}

/** Starts the writes, and samples CLIENT LIST of all nodes at the same time. */
export function startLoad(
  cluster: Cluster,
  servers: TestCluster,
  isOwnName: (name: string) => boolean,
): Load {
  const foreignRows: NodeRow[] = [];
  let [acknowledged, isStopped] = [0, false];

  async function write(worker: number): Promise<void> {
    for (let index = 0; !isStopped; index += 1) {
      await cluster.incr(`key-${worker}-${index % 100}`).then(
        () => {
          acknowledged += 1;
          return pause(2); // the servers share the machine with this process
        },
        // A write to a node that has just gone may fail. The test is about the time afterwards.
        () => pause(10),
      );
    }
  }

  /** Compares two samples, because a connection that was just accepted has not sent its name yet. */
  async function sample(): Promise<void> {
    let before = new Set<string>();
    while (!isStopped) {
      // A node may be killed during this command.
      const rows = await servers.rows().catch(() => []);
      const foreign = rows.filter(({ name }) => !isOwnName(name));
      foreignRows.push(...foreign.filter(({ node, id }) => before.has(`${node} ${id}`)));
      before = new Set(foreign.map(({ node, id }) => `${node} ${id}`));
      await pause(10);
    }
  }

  cluster.on('error', () => undefined);
  const running = Promise.all([sample(), ...Array.from({ length: 10 }, (_, worker) => write(worker))]);
  return {
    foreignRows,
    get acknowledged() {
      return acknowledged;
    },
    async [Symbol.asyncDispose]() {
      isStopped = true;
      await running;
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
