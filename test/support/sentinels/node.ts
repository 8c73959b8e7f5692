import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { readRow, type ClientRow } from '../client-row.js';
import {
  findRedisBinary,
  freePort,
  spawnGuarded,
  waitUntilReady,
  type GuardedProcess,
} from '../redis/index.js';
import { serverInfo } from '../redis/wire.js';

export const HOST = '127.0.0.1';

/** Name of the admin connections of the tests, which `rows` leaves out. */
const ADMIN = 'rig';
/** Names of connections between sentinels and servers, which `rows` leaves out too. */
const BETWEEN_SERVERS = /^sentinel-[0-9a-f]{8}-(cmd|pubsub)$/;
/** Flags of a replication connection in CLIENT LIST, on a master and on a replica. */
const REPLICATION = /[SM]/;

const PORT_ATTEMPTS = 5;
const READY_MS = 15_000;
const ANSWER_MS = 1_000;

type NodeState = 'running' | 'paused' | 'killed';

/** A Redis server or sentinel. It keeps its port and folder when its process is killed and started again. */
export interface Node extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly state: NodeState;
  /** Sends a command. @throws Error after a second without a reply */
  call(command: string, ...args: string[]): Promise<unknown>;
  /** Rows of CLIENT LIST without the admin connection and those of other servers. */
  rows(): Promise<ClientRow[]>;
  /** Sends SIGKILL. Resolves when the process has ended. */
  kill(): Promise<void>;
  /** Sends SIGSTOP. The process does not answer, but its kernel still acknowledges bytes. */
  pause(): void;
  /** Sends SIGCONT. A sentinel that was paused for 2 s then does nothing for 30 s ("tilt"). Kill and start it instead. */
  resume(): void;
  /** Starts the process again on the same port and in the same folder. */
  start(...args: string[]): Promise<void>;
}

export interface NodeOptions {
  readonly password: string | undefined;
  /** Makes the command line from the node's port and folder. Called before each start. */
  readonly args: (port: number, dir: string) => Promise<readonly string[]>;
}

/** Starts a node on a free port. */
export async function startNode(options: NodeOptions): Promise<Node> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return await nodeOn(port, options);
    } catch (error) {
      // Another test that looks for free ports at the same time may have taken this one.
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function nodeOn(port: number, { password, args }: NodeOptions): Promise<Node> {
  const binary = await findRedisBinary();
  const ownDir = await mkdtemp(join(tmpdir(), 'redis-hygiene-node-'));
  const address = { host: HOST, port, ...(password !== undefined && { password }) };
  let running: GuardedProcess | undefined;
  let state: NodeState = 'running';

  async function start(...more: string[]): Promise<void> {
    const line = [...(await args(port, ownDir)), ...more];
    const child = await spawnGuarded(binary.path, line, { env: binary.env, ownDir });
    running = child;
    const gone = new AbortController();
    void child.ended.then((how) =>
      gone.abort(new Error(`The node on ${port} ended (${how}):\n${child.output()}`)),
    );
    await waitUntilReady(address, { timeoutMs: READY_MS, signal: gone.signal });
    // The reply may come from another server that took the port a moment before.
    const pid = Number((await serverInfo(address)).get('process_id') ?? child.pid);
    if (pid !== child.pid) throw new Error(`Port ${port} is taken.`);
    state = 'running';
  }

  try {
    await start();
  } catch (error) {
    await running?.end(0);
    throw error;
  }
  const admin = openAdmin(address);
  const signal = (name: NodeJS.Signals, next: NodeState) => {
    running?.signal(name);
    state = next;
  };
  return {
    host: HOST,
    port,
    get state() {
      return state;
    },
    start,
    call: (command, ...rest) => admin.call(command, ...rest),
    async rows() {
      const list = (await admin.client('LIST')) as string;
      return list.trim().split('\n').map(readRow).filter(isClient);
    },
    async kill() {
      signal('SIGKILL', 'killed'); // end() would also remove the folder
      await running?.ended;
    },
    pause: () => signal('SIGSTOP', 'paused'),
    resume: () => signal('SIGCONT', 'running'),
    async [Symbol.asyncDispose]() {
      admin.disconnect();
      await running?.end(0);
    },
  };
}

function isClient({ name, flags }: ClientRow): boolean {
  return name !== ADMIN && !BETWEEN_SERVERS.test(name) && !REPLICATION.test(flags);
}

/** Opens a connection that reconnects soon to a server that comes back, and whose commands fail after a second. */
export function openAdmin(address: { host: string; port: number; password?: string }): Redis {
  const admin = new Redis({
    ...address,
    connectionName: ADMIN,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 50,
    disableClientInfo: true,
  });
  admin.on('error', () => undefined); // servers are killed and started; a command without a connection fails by itself
  return admin;
}
