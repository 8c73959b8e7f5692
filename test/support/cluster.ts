import { waitForReplies, startNode, type NodeRow, type TestNode } from './cluster-node.js';

export type { NodeRow, TestNode } from './cluster-node.js';

/** Three masters and a replica of each: node `i + 3` is the replica of node `i`. The caller disposes of the cluster. */
export interface TestCluster extends AsyncDisposable {
  readonly nodes: readonly TestNode[];
  /** Rows of CLIENT LIST of all nodes that answer, without the admins' and those of replication. */
  rows(): Promise<NodeRow[]>;
  /** Moves slots with their keys from one master to another, step by step, as redis-cli does. */
  moveSlots(from: TestNode, to: TestNode, first: number, last: number): Promise<void>;
  /** Removes nodes from the cluster: the other nodes forget them, and the removed nodes that answer are reset. */
  removeNodes(...leaving: readonly TestNode[]): Promise<void>;
  /** Resolves when all nodes that answer report that all slots are served. */
  settled(): Promise<void>;
}

/** First and last slot of each master. */
export const SLOTS = [
  [0, 5_460],
  [5_461, 10_922],
  [10_923, 16_383],
] as const;

/** Number of slots that are moved in one step. */
const SLOTS_PER_STEP = 256;

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

type Setslot = readonly [how: 'IMPORTING' | 'MIGRATING' | 'NODE', id: string];

function setSlots({ admin }: TestNode, slots: readonly number[], [how, id]: Setslot): Promise<unknown> {
  const pipeline = admin.pipeline();
  for (const slot of slots) pipeline.call('CLUSTER', 'SETSLOT', slot, how, id);
  return pipeline.exec();
}

async function moveKeys(from: TestNode, to: TestNode, slots: readonly number[]): Promise<void> {
  const pipeline = from.admin.pipeline();
  for (const slot of slots) pipeline.call('CLUSTER', 'GETKEYSINSLOT', slot, 10_000);
  const found = (await pipeline.exec()) ?? [];
  for (const keys of found.map(([, reply]) => reply as string[])) {
    if (keys.length === 0) continue;
    await from.admin.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
  }
}

async function join(nodes: readonly TestNode[]): Promise<void> {
  await Promise.all(nodes.map(({ admin }, index) => admin.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)));
  await Promise.all(
    nodes.flatMap(({ admin }) => nodes.map(({ port }) => admin.cluster('MEET', '127.0.0.1', port))),
  );
  await waitForReplies(nodes, 'NODES', (text) => nodes.every(({ id }) => text.includes(id)));
}

async function assign(nodes: readonly TestNode[]): Promise<void> {
  const masters = nodes.slice(0, 3);
  await Promise.all(
    masters.map(({ admin }, index) => admin.call('CLUSTER', 'ADDSLOTSRANGE', ...(SLOTS[index] ?? []))),
  );
  await Promise.all(masters.map(async ({ id }, index) => nodes[index + 3]?.admin.cluster('REPLICATE', id)));
  // A replica learns its master's slots by gossip, and CLUSTER SLOTS lists it when it is in sync.
  await waitForReplies(nodes, 'NODES', (text) => (text.match(/slave \w{40} /g) ?? []).length === 3);
  await waitForReplies(nodes, 'INFO', (text) => text.includes('cluster_state:ok'));
  await waitForReplies(masters, 'SLOTS', (text) => nodes.every(({ id }) => text.includes(id)));
}

async function forget(nodes: readonly TestNode[], leaving: readonly TestNode[]): Promise<void> {
  await Promise.all(nodes.flatMap(({ admin }) => leaving.map(({ id }) => admin.cluster('FORGET', id))));
}

/** Starts the nodes and joins them to a cluster, which takes about 4 s. */
export async function startCluster(): Promise<TestCluster> {
  const nodes = await Promise.all(range(1, 6).map(() => startNode()));
  const present = new Set(nodes);
  const answering = () => [...present].filter(({ answers }) => answers);
  const stop = async () => void (await Promise.all(nodes.map((node) => node.kill())));
  try {
    await join(nodes);
    await assign(nodes);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    nodes,
    async rows() {
      const answers = nodes.filter((node) => node.answers);
      return (await Promise.all(answers.map((node) => node.rows()))).flat();
    },
    async moveSlots(from, to, first, last) {
      for (let start = first; start <= last; start += SLOTS_PER_STEP) {
        const slots = range(start, Math.min(last, start + SLOTS_PER_STEP - 1));
        await setSlots(to, slots, ['IMPORTING', from.id]);
        await setSlots(from, slots, ['MIGRATING', to.id]);
        await moveKeys(from, to, slots);
        for (const node of [to, from]) await setSlots(node, slots, ['NODE', to.id]);
      }
      await waitForReplies([to, from], 'NODES', (text) => !/\[\d+-[<>]-/.test(text));
    },
    async removeNodes(...leaving) {
      leaving.forEach((node) => present.delete(node));
      await forget(answering(), leaving);
      for (const { admin, answers } of leaving) {
        if (answers) await admin.call('CLUSTER', 'RESET');
      }
    },
    settled: () => waitForReplies(answering(), 'INFO', (text) => text.includes('cluster_state:ok')),
    [Symbol.asyncDispose]: stop,
  };
}
