import type { Cluster } from 'ioredis';
import type { NodeRow, TestCluster } from './cluster.js';

/** Writes that go on until they are stopped, over the slots of all masters. */
export interface Load extends AsyncDisposable {
  /** Acknowledged so far. */
  readonly acknowledged: number;
  /** Rows of CLIENT LIST that showed a foreign name, or none, at two looks in a row. */
  readonly odd: readonly NodeRow[];
}

/** Writes and looks at CLIENT LIST of all nodes while they go on. */
export function startLoad(cluster: Cluster, servers: TestCluster, isOurs: (name: string) => boolean): Load {
  const odd: NodeRow[] = [];
  let [acknowledged, isStopped] = [0, false];

  async function write(worker: number): Promise<void> {
    for (let turn = 0; !isStopped; turn += 1) {
      await cluster.incr(`key-${worker}-${turn % 100}`).then(
        () => {
          acknowledged += 1;
          return pause(2); // the servers share the machine with this process
        },
        // A node that is gone may answer nothing for a while: this is about what goes on afterwards.
        () => pause(10),
      );
    }
  }

  /** A socket that has just been accepted has said nothing yet, its name included. */
  async function look(): Promise<void> {
    let before = new Set<string>();
    while (!isStopped) {
      // A node may be killed under this question.
      const rows = await servers.rows().catch(() => []);
      const strange = rows.filter(({ name }) => !isOurs(name));
      odd.push(...strange.filter(({ node, id }) => before.has(`${node} ${id}`)));
      before = new Set(strange.map(({ node, id }) => `${node} ${id}`));
      await pause(10);
    }
  }

  cluster.on('error', () => undefined);
  const running = Promise.all([look(), ...Array.from({ length: 10 }, (_, worker) => write(worker))]);
  return {
    odd,
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
