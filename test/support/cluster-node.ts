import { Redis } from 'ioredis';
import { findRedisBinary, type RedisServer } from './redis/index.js';
import { startProcess } from './redis/process.js';
import { eventually } from './eventually.js';

/** A row of CLIENT LIST, and the node that shows it. */
export interface NodeRow {
  readonly node: number;
  readonly id: number;
  readonly name: string;
  /** The client's port. */
  readonly port: number;
  readonly cmd: string;
}

/** A node of a cluster under test. */
export interface TestNode {
  readonly port: number;
  readonly id: string;
  readonly url: string;
  /** A raw connection for commands of the tests. */
  readonly admin: Redis;
  /** False while the node is paused, and after it was killed. */
  readonly answers: boolean;
  /** Rows of CLIENT LIST without the admin's and those of replication. */
  rows(): Promise<NodeRow[]>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Sends SIGKILL. Resolves when the process has ended. */
  kill(): Promise<void>;
}

const ADMIN = 'test-admin';

/** Arguments of a node. It notices within 1 s that another node is gone, and writes only nodes.conf to disk. */
const ARGUMENTS = [
  ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-node-timeout', '1000'],
  ...['--cluster-replica-validity-factor', '0', '--cluster-allow-replica-migration', 'no'],
  ...['--repl-diskless-sync', 'yes', '--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'],
  ...['--loglevel', 'warning'],
];

function readRow(node: number, line: string): NodeRow & { readonly flags: string } {
  const fields = new Map(line.split(' ').map((field) => field.split(/=(.*)/s) as [string, string]));
  const text = (field: string) => fields.get(field) ?? '';
  const port = Number(/:(\d+)$/.exec(text('addr'))?.[1]);
  return { node, id: Number(text('id')), name: text('name'), port, cmd: text('cmd'), flags: text('flags') };
}

function createNode(server: RedisServer, admin: Redis, id: string): TestNode {
  let answers = true;
  let killed: Promise<void> | undefined;
  /** Pauses the server first, because a paused server is stopped by SIGKILL. */
  const kill = async () => {
    admin.disconnect();
    await server.pause();
    await server.stop();
  };
  return {
    port: server.port,
    url: server.url,
    id,
    admin,
    get answers() {
      return answers;
    },
    async rows() {
      const list = (await admin.client('LIST')) as string;
      const rows = list
        .trim()
        .split('\n')
        .map((line) => readRow(server.port, line));
      // Flags of replication links: S (to a replica) and M (to a master). MIGRATE also opens connections between nodes.
      const others = rows.filter(
        ({ name, flags, cmd }) => name !== ADMIN && !/[SM]/.test(flags) && cmd !== 'restore-asking',
      );
      return others.map(({ node, name, port, cmd, ...row }) => ({ node, id: row.id, name, port, cmd }));
    },
    pause() {
      answers = false;
      return server.pause();
    },
    async resume() {
      await server.resume();
      answers = true;
    },
    kill() {
      answers = false;
      return (killed ??= kill());
    },
  };
}

/** Starts a node that does not know other nodes yet. */
export async function startNode(): Promise<TestNode> {
  const server = await startProcess(await findRedisBinary(), { args: ARGUMENTS });
  const admin = new Redis(server.port, server.host, { connectionName: ADMIN, disableClientInfo: true });
  admin.on('error', () => undefined);
  return createNode(server, admin, await admin.cluster('MYID'));
}

/** Waits until the reply of all nodes to a subcommand of CLUSTER is as expected. */
export async function waitForReplies(
  nodes: readonly TestNode[],
  subcommand: 'INFO' | 'NODES' | 'SLOTS',
  isExpected: (text: string) => boolean,
): Promise<void> {
  await eventually(async () => {
    const texts = await Promise.all(nodes.map(({ admin }) => admin.call('CLUSTER', subcommand)));
    const unexpected = texts.map(String).find((text) => !isExpected(text));
    if (unexpected !== undefined) throw new Error(`Unexpected reply of CLUSTER ${subcommand}: ${unexpected}`);
  }, 15_000);
}
