import { eventually } from '../eventually.js';
import type { Node } from './node.js';
import type { Switch, SwitchListener } from './switches.js';

/** What is asked of a running topology, and done to it. */
export interface Operations {
  /** Who is the master now, by the first sentinel that answers. */
  master(): Promise<Node>;
  /** The servers that are not the master. */
  replicas(): Promise<readonly Node[]>;
  /**
   * SENTINEL FAILOVER, and again where the sentinel gives it up. Gives what the first sentinel told of it.
   * @throws Error in time
   */
  failover(): Promise<Switch>;
  /** Brings back a server that was killed or paused, as a replica of the present master. */
  rejoin(server: Node): Promise<void>;
  /** Waits until all sentinels agree and see each other and two replicas, and these are in sync. @throws Error in time */
  settled(withinMs?: number): Promise<void>;
}

type Facts = ReadonlyMap<string, string>;

const SETTLED_MS = 60_000;

/**
 * A failover takes a second. One whose sentinel did not run for 2 s on a busy machine stands still for 30 s ("tilt"),
 * and is given up then: longer than `failover-timeout`.
 */
const OUTCOME_MS = 45_000;
const FAILOVER_ATTEMPTS = 2;

export function operate(
  name: string,
  servers: readonly Node[],
  sentinels: readonly Node[],
  { outcome }: Pick<SwitchListener, 'outcome'>,
): Operations {
  const ask = async (sentinel: Node, ...args: string[]) => sentinel.call('SENTINEL', ...args, name);

  async function masterBy(sentinel: Node): Promise<Node> {
    const [, port] = (await ask(sentinel, 'get-master-addr-by-name')) as [string, string];
    const found = servers.find((server) => String(server.port) === port);
    if (!found) throw new Error(`The sentinel on ${sentinel.port} names ${port}, which is none of ours.`);
    return found;
  }

  const master = () => Promise.any(sentinels.map(masterBy));

  async function replicas(): Promise<readonly Node[]> {
    const present = await master();
    return servers.filter((server) => server !== present);
  }

  async function settledOnce(): Promise<void> {
    const masters = await Promise.all(sentinels.map(masterBy));
    if (new Set(masters).size > 1) throw new Error('The sentinels disagree.');
    for (const sentinel of sentinels) {
      const peers = ['replicas', 'sentinels'].map(async (kind) => readTable(await ask(sentinel, kind)));
      const rows = [readFacts(await ask(sentinel, 'master')), ...(await Promise.all(peers)).flat()];
      expectFlags(sentinel, rows);
      expectRoles(sentinel, rows);
      await expectNoTilt(sentinel);
    }
    await inSync(await replicas());
  }

  const settled = (withinMs = SETTLED_MS) => eventually(settledOnce, withinMs);

  async function failover(): Promise<Switch> {
    const aborts: string[] = [];
    while (aborts.length < FAILOVER_ATTEMPTS) {
      if (aborts.length > 0) await settled();
      const awake = await Promise.any(sentinels.map((one) => one.call('PING').then(() => one)));
      const start = Date.now();
      await ask(awake, 'failover');
      const told = await outcome(start, OUTCOME_MS);
      if ('to' in told) return told;
      aborts.push(told.why);
    }
    throw new Error(`The failovers of ${name} were given up: ${aborts.join(', ')}.`);
  }

  return {
    master,
    replicas,
    failover,
    async rejoin(server) {
      const { host, port } = await master();
      if (server.state === 'killed') return server.start('--replicaof', host, String(port));
      if (server.state === 'paused') server.resume();
      // By itself a sentinel waits 8 s before it turns a former master into a replica.
      await eventually(async () => void (await server.call('REPLICAOF', host, String(port))));
    },
    settled,
  };
}

/** @throws Error unless all of them are replicas that have what their master has */
export async function inSync(replicas: readonly Node[]): Promise<void> {
  for (const replica of replicas) {
    const [role, , , link] = (await replica.call('ROLE')) as string[];
    if (role !== 'slave' || link !== 'connected') {
      throw new Error(`The server on ${replica.port} is ${role}, its link ${link}.`);
    }
  }
}

/** What a sentinel says in pairs. */
function readFacts(pairs: unknown): Facts {
  const words = pairs as string[];
  return new Map(words.flatMap((word, index) => (index % 2 ? [] : [[word, words[index + 1] ?? '']])));
}

function readTable(rows: unknown): Facts[] {
  return (rows as unknown[]).map(readFacts);
}

/** Nothing but what they are: no `s_down`, no `disconnected`, no failover under way. */
const PLAIN_FLAGS = ['master', 'sentinel', 'sentinel', 'slave', 'slave'];

function expectFlags(sentinel: Node, rows: readonly Facts[]): void {
  const flags = rows.map((row) => row.get('flags') ?? '').sort();
  if (flags.join() !== PLAIN_FLAGS.join()) {
    throw new Error(`The sentinel on ${sentinel.port} sees ${flags.join(' ')}.`);
  }
}

/**
 * What a server said itself, in the INFO that the sentinel asks now and then, must be what the sentinel takes it for. One
 * that takes a replica for a master of long ago sends it back to its old master as soon as it is promoted
 * (`+convert-to-slave`): the failover is given up then, or ends with two replicas that follow each other.
 */
function expectRoles(sentinel: Node, rows: readonly Facts[]): void {
  for (const row of rows) {
    const [flags, said] = [row.get('flags'), row.get('role-reported')];
    if (said === undefined || said === flags) continue;
    throw new Error(
      `The sentinel on ${sentinel.port} has heard from its ${flags} ${row.get('name')}: ${said}.`,
    );
  }
}

/** It does nothing for 30 s after it has not run for 2 s. */
async function expectNoTilt(sentinel: Node): Promise<void> {
  const info = String(await sentinel.call('INFO', 'sentinel'));
  if (info.includes('sentinel_tilt:1')) throw new Error(`The sentinel on ${sentinel.port} is in tilt.`);
}
