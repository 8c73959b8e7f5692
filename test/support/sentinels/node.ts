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

/** What the rig's own connections are named; `rows` leaves them out, and what the servers say to each other. */
const OWN = 'rig';
const SERVERS_OWN = /^sentinel-[0-9a-f]{8}-(cmd|pubsub)$/;
/** Flags in CLIENT LIST of a replication link, from either end. */
const REPLICATION = /[SM]/;

const PORT_ATTEMPTS = 5;
const READY_MS = 15_000;
const ANSWER_MS = 1_000;

type NodeState = 'running' | 'paused' | 'killed';

/** A Redis or a Sentinel that keeps its port and its folder, while its process may come and go. */
export interface Node extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly state: NodeState;
  /** Asks it something. @throws Error within a second when it does not answer */
  call(command: string, ...args: string[]): Promise<unknown>;
  /** Who is connected to it, but the rig itself and the other servers. */
  rows(): Promise<ClientRow[]>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: silent, while its kernel still acknowledges what comes. */
  pause(): void;
  /** SIGCONT. A sentinel that slept for 2 s then does nothing for 30 s ("tilt"): kill and start it instead. */
  resume(): void;
  /** Starts it again where it was. */
  start(...args: string[]): Promise<void>;
}

export interface NodeOptions {
  readonly password: string | undefined;
  /** The command line, for a port and a folder of its own; called before each start. */
  readonly args: (port: number, dir: string) => Promise<readonly string[]>;
}

/** Starts it on a free port. */
export async function startNode(options: NodeOptions): Promise<Node> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return await nodeOn(port, options);
    } catch (error) {
      // Another test may take the port first: its free ports are found in the same way.
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
    const own = await spawnGuarded(binary.path, line, { env: binary.env, ownDir });
    running = own;
    const gone = new AbortController();
    void own.ended.then((how) =>
      gone.abort(new Error(`The node on ${port} ended (${how}):\n${own.output()}`)),
    );
    await waitUntilReady(address, { timeoutMs: READY_MS, signal: gone.signal });
    // The answer may come from somebody who took the port a moment before.
    const pid = Number((await serverInfo(address)).get('process_id') ?? own.pid);
    if (pid !== own.pid) throw new Error(`Port ${port} is taken.`);
    state = 'running';
  }

  try {
    await start();
  } catch (error) {
    await running?.end(0);
    throw error;
  }
  const admin = openAdmin(address);
  const move = (signal: NodeJS.Signals, to: NodeState) => {
    running?.signal(signal);
    state = to;
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
      return list.trim().split('\n').map(readRow).filter(isStranger);
    },
    async kill() {
      move('SIGKILL', 'killed'); // and not end(): its folder stays
      await running?.ended;
    },
    pause: () => move('SIGSTOP', 'paused'),
    resume: () => move('SIGCONT', 'running'),
    async [Symbol.asyncDispose]() {
      admin.disconnect();
      await running?.end(0);
    },
  };
}

function isStranger({ name, flags }: ClientRow): boolean {
  return name !== OWN && !SERVERS_OWN.test(name) && !REPLICATION.test(flags);
}

/** A connection that comes back soon to a server that was away, and never keeps anyone waiting. */
export function openAdmin(address: { host: string; port: number; password?: string }): Redis {
  const admin = new Redis({
    ...address,
    connectionName: OWN,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 50,
    disableClientInfo: true,
  });
  admin.on('error', () => undefined); // the servers come and go; a call that fails says so itself
  return admin;
}
