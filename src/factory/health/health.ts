import { processConnectionCounts } from '../../ledger/connection-counts.js';
import type { Pool } from '../../pool/pool.js';
import { isStopping } from '../../shutdown/shutdown-hooks.js';
import { checkHealthOptions, type HealthOptions } from './health-options.js';
import {
  createReason,
  type HealthReason,
  type HealthReport,
  type TargetHealth,
  worstStatus,
} from './health-report.js';
import { judgeCluster } from './judge-cluster.js';
import {
  type AskTarget,
  judgeSentinel,
  judgeServer,
  type OpenedTarget,
  type TargetLostClient,
} from './judge-target.js';
import { listOpened, type OpenedConnection, type OpenedPorts } from './opened.js';
import { createPings } from './pings.js';

/** The share of the budget from which on it counts as nearly used. */
const NEARLY_USED = 0.9;

/** Creates the function that reports the health of a factory. Its promise never rejects. */
export function createHealth(ports: OpenedPorts): (options?: HealthOptions) => Promise<HealthReport> {
  const { clock, settings, isOpen } = ports;
  const pings = createPings(clock);

  async function report(timeoutMs: number): Promise<HealthReport> {
    const ask: AskTarget = (target, connections) => pings.ask(target, connections, timeoutMs);
    const isInService = isOpen() && !isStopping(settings);
    const targets = isInService ? await judgeTargets(ports, ask) : [];
    const reasons = [...shutDown(isInService), ...nearlyUsed(settings.limits.connections)];
    return { status: worstStatus([...reasons, ...targets]), at: clock.now(), reasons, targets };
  }

  return (options) => report(checkHealthOptions(options).timeoutMs);
}

async function judgeTargets(ports: OpenedPorts, ask: AskTarget): Promise<TargetHealth[]> {
  const opened = listOpened(ports);
  const sentinels = opened.filter(({ health }) => health.user === 'sentinel');
  const servers = opened.filter(({ health: { user } }) => user !== 'sentinel' && user !== 'cluster');
  const clusters = ports.clusters().filter(({ status }) => status !== 'wait' && status !== 'end');
  const asked = await Promise.all([
    ...groupTargets(servers, ports).map((target) => judgeServer(target, ask)),
    ...clusters.map((cluster) => judgeCluster(cluster, ports.failures, ask)),
  ]);
  return [...asked, ...[...groupByTarget(sentinels)].map(([target, own]) => judgeSentinel(target, own))];
}

/** Joins connections, lost clients and pools of the same target. A pool in order that has no connection opens no group. */
function groupTargets(connections: readonly OpenedConnection[], ports: OpenedPorts): OpenedTarget[] {
  const connectionsOf = groupByTarget(connections);
  const lostClientsOf = groupByTarget(listLostClients(ports));
  const exhausted = groupByTarget(ports.pools().filter(isExhausted));
  const targets = new Set([...connectionsOf.keys(), ...lostClientsOf.keys(), ...exhausted.keys()]);
  return [...targets].map((target) => ({
    target,
    connections: connectionsOf.get(target) ?? [],
    lostClients: lostClientsOf.get(target) ?? [],
    poolReasons: (exhausted.get(target) ?? []).map(exhaustedReason),
  }));
}

function listLostClients({ failures }: OpenedPorts): TargetLostClient[] {
  return failures.lostClients().map((client) => ({ ...client, failure: failures.lastOf(client) }));
}

function groupByTarget<Item extends { readonly target: string }>(
  items: readonly Item[],
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.target);
    if (group) group.push(item);
    else groups.set(item.target, [item]);
  }
  return groups;
}

function isExhausted(pool: Pool): boolean {
  const { pending, used, max } = pool.statistics();
  return pending > 0 && used >= max;
}

function exhaustedReason(pool: Pool): HealthReason {
  const { pending, max } = pool.statistics();
  const message = `All ${max} connections of the pool ${pool.name} are in use, and ${pending} callers wait.`;
  return createReason('pool-exhausted', message, pending);
}

function shutDown(isInService: boolean): HealthReason[] {
  return isInService ? [] : [createReason('shut-down', 'The factory is shutting down, or is shut down.', 1)];
}

function nearlyUsed(limit: number): HealthReason[] {
  const { used } = processConnectionCounts;
  if (used < NEARLY_USED * limit) return [];
  return [createReason('budget', `${used} of ${limit} connections are in use in this process.`, used)];
}
