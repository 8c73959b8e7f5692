import { eventually } from '../eventually.js';
import type { Node } from './node.js';
import type { Switch, SwitchListener } from './switches.js';

/** Operations on a running topology. */
export interface Operations {
  /** The current master according to the first sentinel that answers. */
  master(): Promise<Node>;
  /** The servers that are not the master. */
  replicas(): Promise<readonly Node[]>;
  /**
   * Sends SENTINEL FAILOVER, and a second time if the sentinel gives up the first one. Resolves with the first report of
   * the switch. @throws Error after a time limit
   */
  failover(): Promise<Switch>;
  /** Starts or resumes a server that was killed or paused, as a replica of the current master. */
  rejoin(server: Node): Promise<void>;
  /** Waits until all sentinels agree, see each other and two replicas, and these are in sync. @throws Error after `withinMs` */
  settled(withinMs?: number): Promise<void>;
}

type Fields = ReadonlyMap<string, string>;

const SETTLED_MS = 60_000;

/**
 * Time limit of a failover, which usually takes a second. If its sentinel did not run for 2 s on a busy machine, the
 * sentinel pauses for 30 s ("tilt") and then gives up the failover. This is longer than `failover-timeout`.
 */
const OUTCOME_MS = 45_000;
const FAILOVER_ATTEMPTS = 2;

export function createOperations(
  name: string,
  servers: readonly Node[],
  sentinels: readonly Node[],
  { outcome }: Pick<SwitchListener, 'outcome'>,
): Operations {
  const query = async (sentinel: Node, ...args: string[]) => sentinel.call('SENTINEL', ...args, name);

  async function masterBy(sentinel: Node): Promise<Node> {
    const [, port] = (await query(sentinel, 'get-master-addr-by-name')) as [string, string];
    const found = servers.find((server) => String(server.port) === port);
    if (!found)
      throw new Error(
        `The sentinel on ${sentinel.port} names the master on ${port}, which is not a server of this topology.`,
      );
    return found;
  }

  const master = () => Promise.any(sentinels.map(masterBy));

  async function replicas(): Promise<readonly Node[]> {
    const current = await master();
    return servers.filter((server) => server !== current);
  }

  async function settledOnce(): Promise<void> {
    const masters = await Promise.all(sentinels.map(masterBy));
    if (new Set(masters).size > 1) throw new Error('The sentinels disagree.');
    for (const sentinel of sentinels) {
      const peers = ['replicas', 'sentinels'].map(async (kind) => readTable(await query(sentinel, kind)));
      const rows = [readFields(await query(sentinel, 'master')), ...(await Promise.all(peers)).flat()];
      expectFlags(sentinel, rows);
      expectRoles(sentinel, rows);
      await expectNoTilt(sentinel);
    }
    await expectInSync(await replicas());
  }

  const settled = (withinMs = SETTLED_MS) => eventually(settledOnce, withinMs);

  async function failover(): Promise<Switch> {
    const aborts: string[] = [];
    while (aborts.length < FAILOVER_ATTEMPTS) {
      if (aborts.length > 0) await settled();
      const responsive = await Promise.any(
        sentinels.map((sentinel) => sentinel.call('PING').then(() => sentinel)),
      );
      const start = Date.now();
      await query(responsive, 'failover');
      const result = await outcome(start, OUTCOME_MS);
      if ('to' in result) return result;
      aborts.push(result.why);
    }
    throw new Error(`The sentinels gave up all failovers of ${name}: ${aborts.join(', ')}.`);
  }

  return {
    master,
    replicas,
    failover,
    async rejoin(server) {
      const { host, port } = await master();
      if (server.state === 'killed') return server.start('--replicaof', host, String(port));
      if (server.state === 'paused') server.resume();
      // Without this command, a sentinel waits 8 s before it turns a former master into a replica.
      await eventually(async () => void (await server.call('REPLICAOF', host, String(port))));
    },
    settled,
  };
}

/** Checks that all servers are replicas in sync with their master. @throws Error otherwise */
export async function expectInSync(replicas: readonly Node[]): Promise<void> {
  for (const replica of replicas) {
    const [role, , , link] = (await replica.call('ROLE')) as string[];
    if (role !== 'slave' || link !== 'connected') {
      throw new Error(`The server on ${replica.port} is ${role}, its link ${link}.`);
    }
  }
}

/** Parses a reply of a sentinel with fields and values in turn. */
function readFields(pairs: unknown): Fields {
  const words = pairs as string[];
  return new Map(words.flatMap((word, index) => (index % 2 ? [] : [[word, words[index + 1] ?? '']])));
}

function readTable(rows: unknown): Fields[] {
  return (rows as unknown[]).map(readFields);
}

/** Flags of a healthy topology: roles only, without `s_down`, `disconnected` or a failover under way. */
const HEALTHY_FLAGS = ['master', 'sentinel', 'sentinel', 'slave', 'slave'];

function expectFlags(sentinel: Node, rows: readonly Fields[]): void {
  const flags = rows.map((row) => row.get('flags') ?? '').sort();
  if (flags.join() !== HEALTHY_FLAGS.join()) {
    throw new Error(`The sentinel on ${sentinel.port} sees ${flags.join(' ')}.`);
  }
}

/**
 * Checks that the role of each server in its last INFO equals its role in the sentinel's state. Otherwise the sentinel may
 * turn a replica that was just promoted back into a replica of its old master (`+convert-to-slave`). The failover then
 * fails, or ends with two replicas that follow each other.
 */
function expectRoles(sentinel: Node, rows: readonly Fields[]): void {
  for (const row of rows) {
    const [flags, reported] = [row.get('flags'), row.get('role-reported')];
    if (reported === undefined || reported === flags) continue;
    throw new Error(
      `The sentinel on ${sentinel.port} lists ${row.get('name')} as ${flags}, but it reports ${reported}.`,
    );
  }
}

/** Checks that the sentinel is not in tilt, in which it does nothing for 30 s after it has not run for 2 s. */
async function expectNoTilt(sentinel: Node): Promise<void> {
  const info = String(await sentinel.call('INFO', 'sentinel'));
  if (info.includes('sentinel_tilt:1')) throw new Error(`The sentinel on ${sentinel.port} is in tilt.`);
}
