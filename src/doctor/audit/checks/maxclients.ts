import { formatCount, formatPercent } from '../../text/quantities.js';
import { type AuditContext, type Check, type FleetCheck, numberOf } from '../audit-context.js';
import { type ConnectionHolder, groupBy } from '../connection-holders.js';
import type { Severity } from '../finding-table.js';
import { createFinding } from '../finding.js';

/** Share of `maxclients` from which a deployment, which holds connections twice for a while, may fill the server. */
const NEARLY_FULL_SHARE = 0.8;

/** Share of `maxclients` from which a single service may fill the server. */
const FULL_SHARE = 0.95;

/** Owners named in the summary. */
const MAX_NAMED_OWNERS = 3;

/** The server has as many connections as it takes, or nearly. */
export const maxclientsNear: Check = (context) => {
  const { usedConnections, maxclients, holders } = context;
  if (!maxclients) return [];
  const refused = countRefused(context);
  const severity = judge(usedConnections / maxclients, refused.betweenSnapshots);
  if (!severity) return [];
  const largest = countByOwner(holders).slice(0, MAX_NAMED_OWNERS);
  const named = largest.map(({ owner, connections }) => `${owner} with ${connections}`).join(', ');
  const top = largest.map(({ owner, connections }) => `${owner} ${connections}`).join(', ');
  const share = formatPercent(usedConnections / maxclients);
  const used = `${formatCount(usedConnections, 'connection')}, ${share} of maxclients (${maxclients}).`;
  const largestOwners = named === '' ? [] : [`Largest owners: ${named}.`];
  const refusals = [
    ...(refused.betweenSnapshots > 0
      ? [`Refused between the two samples: ${refused.betweenSnapshots}.`]
      : []),
    ...(refused.sinceStart > 0 ? [`Refused since the server started: ${refused.sinceStart}.`] : []),
  ];
  const evidence = {
    ...{ connections: usedConnections, maxclients },
    ...{ refused: refused.sinceStart, refusedBetweenSamples: refused.betweenSnapshots, top },
  };
  const summary = [used, ...largestOwners, ...refusals].join(' ');
  const cause = [used, ...refusals].join(' ');
  return [createFinding('maxclients-near', context, { summary, cause, evidence, severity })];
};

/** Connections by owner, the most first. An owner that is only a name may have several holders. */
function countByOwner(holders: readonly ConnectionHolder[]) {
  const owners = groupBy(holders, ({ attribution }) => attribution.owner);
  return [...owners]
    .map(([owner, parts]) => ({ owner, connections: parts.reduce((sum, { rows }) => sum + rows.length, 0) }))
    .sort((one, other) => other.connections - one.connections);
}

interface RefusedCounts {
  readonly sinceStart: number;
  /** 0 if there is only one snapshot. */
  readonly betweenSnapshots: number;
}

function countRefused({ now, earlier }: AuditContext): RefusedCounts {
  const sinceStart = numberOf(now.info, 'rejected_connections') ?? 0;
  const before = numberOf(earlier?.info ?? new Map(), 'rejected_connections');
  return { sinceStart, betweenSnapshots: before === undefined ? 0 : Math.max(0, sinceStart - before) };
}

function judge(share: number, refusedBetweenSnapshots: number): Severity | undefined {
  if (share >= FULL_SHARE || refusedBetweenSnapshots > 0) return 'error';
  return share >= NEARLY_FULL_SHARE ? 'warning' : undefined;
}

/** File descriptors that Redis keeps for itself: `CONFIG_MIN_RESERVED_FDS` of server.h. */
const RESERVED_FILES = 32;

/**
 * Redis lowers `maxclients` to the limit of open files, less 32, and reports it only in its log: limits of 1024 and 4096
 * leave 992 and 4064. Nobody configures such a number.
 */
export const maxclientsLowered: Check = (context) => {
  const { maxclients, kind } = context;
  if (kind === 'sentinel-conf' || !maxclients) return [];
  const openFiles = maxclients + RESERVED_FILES;
  if (!isUsualFileLimit(openFiles) || isUsualFileLimit(maxclients)) return [];
  const summary = `maxclients is ${maxclients}, which is what a limit of ${openFiles} open files leaves.`;
  return [createFinding('maxclients-lowered', context, { summary, evidence: { maxclients, openFiles } })];
};

/** Usual limits that are not round numbers: of `/etc/security/limits.conf`, of systemd, of Docker. */
const ODD_FILE_LIMITS: ReadonlySet<number> = new Set([65_535, 262_143, 524_287, 1_048_575]);

/** No system has a lower limit of open files. */
const MIN_FILE_LIMIT = 256;

/** Whether a number is likely to be a configured limit: a round decimal or binary number, or a known odd one. */
function isUsualFileLimit(files: number): boolean {
  if (files < MIN_FILE_LIMIT) return false;
  const isPowerOfTwo = Number.isInteger(Math.log2(files));
  return isPowerOfTwo || files % 100 === 0 || files % 1024 === 0 || ODD_FILE_LIMITS.has(files);
}

/** Servers of one group whose `maxclients` differs from that of the others. */
export const maxclientsUneven: FleetCheck = (contexts) => {
  const limited = contexts.filter(({ maxclients }) => maxclients !== undefined);
  return [...groupBy(limited, groupKeyOf).values()].flatMap((group) => {
    const usual = usualLimitOf(group.map(({ maxclients = 0 }) => maxclients));
    return group
      .filter(({ maxclients }) => maxclients !== usual)
      .map((context) => {
        const { maxclients = 0 } = context;
        const summary = `maxclients is ${maxclients} here, but ${usual} on other servers of the same group.`;
        return createFinding('maxclients-uneven', context, { summary, evidence: { maxclients, usual } });
      });
  });
};

/**
 * Key of the group of servers that can replace each other: servers that replicate the same data, the nodes of a Cluster,
 * Sentinels that were asked together. Unrelated servers may have different limits.
 */
function groupKeyOf({ kind, now: { info } }: AuditContext): string | undefined {
  if (kind !== 'server') return kind === 'list' ? undefined : kind;
  return info.get('cluster_enabled') === '1' ? 'cluster' : info.get('master_replid');
}

/** The most frequent limit; the higher one of two equally frequent limits. */
function usualLimitOf(limits: readonly number[]): number {
  const counts = [...groupBy(limits, String)].map(([limit, { length }]) => [Number(limit), length] as const);
  const [[usual] = [0]] = counts.sort(
    ([limit, count], [otherLimit, otherCount]) => otherCount - count || otherLimit - limit,
  );
  return usual;
}
