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
  /** An unwatched connection that looks at it from outside. */
  readonly admin: Redis;
  /** False while it is paused, and once it is killed: it can be asked nothing then. */
  readonly answers: boolean;
  /** Rows of CLIENT LIST but the admin's and those of replication. */
  rows(): Promise<NodeRow[]>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** SIGKILL, and gone when it resolves. */
  kill(): Promise<void>;
}

const ADMIN = 'test-admin';

/** A node notices that another is gone within 1 s, and nothing is written to disk but nodes.conf. */
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
  /** What is paused is stopped by SIGKILL. */
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
      // S: a replica's link, M: a master's; MIGRATE opens connections between nodes too.
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

/** Starts a node that knows no other yet. */
export async function startNode(): Promise<TestNode> {
  const server = await startProcess(await findRedisBinary(), { args: ARGUMENTS });
  const admin = new Redis(server.port, server.host, { connectionName: ADMIN, disableClientInfo: true });
  admin.on('error', () => undefined);
  return createNode(server, admin, await admin.cluster('MYID'));
}

/** Waits until all these nodes say of CLUSTER INFO, or of another subcommand, what is expected. */
export async function allSay(
  nodes: readonly TestNode[],
  subcommand: 'INFO' | 'NODES' | 'SLOTS',
  isExpected: (text: string) => boolean,
): Promise<void> {
  await eventually(async () => {
    const texts = await Promise.all(nodes.map(({ admin }) => admin.call('CLUSTER', subcommand)));
    const odd = texts.map(String).find((text) => !isExpected(text));
    if (odd !== undefined) throw new Error(`CLUSTER ${subcommand} says ${odd}`);
  }, 15_000);
}
