import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOwnFolder } from '../../support/own-folder.js';
import { formatEndpoint, type Row } from '../rig/flow.js';
import type { Rig } from '../rig/rig.js';
import type { FaultServer } from '../rig/server.js';

const CLI = fileURLToPath(new URL('../../../dist/cli.cjs', import.meta.url));

/** A connection in the output of `reap --json`. */
interface ReapedRow {
  readonly id: number;
  readonly name: string;
  readonly addr?: string;
  readonly outcome?: string;
  /** How the connection was proven to be dead. */
  readonly proof?: string;
  readonly why?: string;
}

/** What one run did on one server. */
interface ReapedTarget {
  /** Address of the server, `host:port`. */
  readonly target: string;
  readonly kills: readonly ReapedRow[];
  /** Connections that look stale, and were left. */
  readonly unproven?: readonly ReapedRow[];
}

/** The output of one run. */
export interface ReapRun {
  /** Where the run took place. */
  readonly place: string;
  readonly targets: readonly ReapedTarget[];
}

/** Where reap runs, and what it sees of this machine. */
export interface ReapPlace {
  readonly place: string;
  readonly namespace: string;
  /**
   * Whether reap sees only its own process, as in a container. Otherwise it sees the kernel's tables of all network
   * namespaces in which a process runs.
   */
  readonly isContainer?: true;
  /** Further arguments of reap. */
  readonly args?: readonly string[];
}

const IN_CONTAINER = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Runs `redis-hygiene reap --yes` at a place, against these servers. @throws Error if it fails */
export async function reapFrom(
  rig: Rig,
  { place, namespace, isContainer, args = [] }: ReapPlace,
  servers: readonly FaultServer[],
): Promise<ReapRun> {
  const urls = servers.map(({ host, port }) => `${host}:${port}`);
  const options = ['--yes', '--json', '--max', '5000', ...args];
  const reap = [process.execPath, CLI, 'reap', ...urls, ...options];
  const [program = '', ...rest] = isContainer ? [...IN_CONTAINER, ...reap] : reap;
  const output = await rig.runIn(namespace, program, ...rest);
  const { targets } = JSON.parse(output) as { readonly targets: readonly ReapedTarget[] };
  return { place, targets };
}

/** A line of the file for `--orphans`: a connection that its service has given up. */
export interface RecordedOrphan {
  readonly runId: string;
  readonly clientId: number;
  readonly name: string;
  readonly address: string;
}

/** Records that a service has given up these connections. */
export function recordOrphans(rows: readonly Row[], runId: string): RecordedOrphan[] {
  return rows.map(({ id, name, flow }) => ({
    runId,
    clientId: id,
    name,
    address: formatEndpoint(flow.client),
  }));
}

/** Writes records to a file that is removed with the rig. Resolves with its path. */
export async function writeOrphans(rig: Rig, records: readonly RecordedOrphan[]): Promise<string> {
  const folder = await rig.keep(createOwnFolder('faults'));
  const file = join(folder.path, 'orphans.jsonl');
  await writeFile(file, records.map((each) => `${JSON.stringify(each)}\n`).join(''));
  return file;
}

/** Connections that the runs have closed on a server. */
export function closedOn(runs: readonly ReapRun[], { host, port }: FaultServer) {
  return runs.flatMap(({ place, targets }) =>
    targets
      .filter(({ target }) => target === `${host}:${port}`)
      .flatMap(({ kills }) => kills.filter(({ outcome }) => outcome === 'closed'))
      .map((row) => ({ ...row, place })),
  );
}
