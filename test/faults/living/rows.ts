import type { ClientReport } from '../rig/program.js';
import type { ContestantName } from '../rig/contestant.js';
import type { Row } from '../rig/flow.js';
import type { Rig } from '../rig/rig.js';
import type { FaultServer } from '../rig/server.js';
import { serviceOf, type LivingProcess, type LivingServer, type LivingServers } from './living-process.js';

/** A connection that is alive, as a server lists it. */
export interface LivingRow {
  readonly server: LivingServer;
  readonly id: number;
  readonly name: string;
  /** Silence in seconds, by the clock of the server. */
  readonly idle: number;
  /** Kind of the connection, as in the figures. */
  readonly label: string;
  readonly who: ContestantName;
}

/** Connections of the processes on all servers, by server and id. */
export async function listLiving(
  rig: Rig,
  servers: LivingServers,
  processes: readonly LivingProcess[],
): Promise<ReadonlyMap<string, LivingRow>> {
  const living = new Map<string, LivingRow>();
  for (const [server, { port }] of Object.entries(servers) as [LivingServer, FaultServer][]) {
    for (const row of await rig.observer.allRows(port)) {
      const owner = ownerOf(row, server, processes);
      const { id, name, idle } = row;
      if (owner) living.set(`${server} ${id}`, { server, id, name, idle, ...owner });
    }
  }
  return living;
}

/** Prefix of the connection with which a Cluster of ioredis subscribes. Its other prefixes belong to short questions. */
const CLUSTER_SUBSCRIBER = 'ioredis-cluster(subscriber):';

/** Kind of a living connection, and which ioredis it uses. `undefined` for all other connections. */
function ownerOf(
  { id, name }: Row,
  server: LivingServer,
  processes: readonly LivingProcess[],
): Pick<LivingRow, 'label' | 'who'> | undefined {
  for (const { who, foreignIds } of processes) {
    if (server === 'redis' && foreignIds.has(id)) {
      return { label: 'foreign', who: who === 'ours5' ? 'raw5' : 'raw6' };
    }
    const own = `${serviceOf(who)}@`;
    const unprefixed = name.replace(CLUSTER_SUBSCRIBER, '');
    if (unprefixed.startsWith(own)) return { label: unprefixed.slice(own.length).replace(/#.*/, ''), who };
  }
  return undefined;
}

/** Number of connections of each kind and each ioredis. */
export function countByLabel(rows: readonly LivingRow[]) {
  const counts = new Map<string, Pick<LivingRow, 'label' | 'who'> & { count: number }>();
  for (const { label, who } of rows) {
    const counted = counts.get(`${who} ${label}`) ?? { label, who, count: 0 };
    counts.set(`${who} ${label}`, { ...counted, count: counted.count + 1 });
  }
  return [...counts.values()];
}

/** Losses that a process has reported, each as one line. */
export function lossesOf({ who, losses }: LivingProcess): string[] {
  return losses().map(
    ({ event, client, detail }: ClientReport) =>
      `${who} ${client ?? ''}: ${event} ${JSON.stringify(detail ?? {})}`,
  );
}
