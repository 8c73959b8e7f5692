import { counted, percent } from '../../text/quantities.js';
import { type AuditContext, type Check, type FleetCheck, numberOf } from '../audit-context.js';
import { groupBy } from '../connection-holders.js';
import type { Severity } from '../finding-table.js';
import { createFinding } from '../finding.js';

/** From here on a deployment, which holds connections twice for a while, may fill the server. */
const NEAR = 0.8;

/** From here on one service may. */
const FULL = 0.95;

/** How many owners are named. */
const TOP = 3;

/** Refused since the server was started; since the look before where there was one. */
function refusedOf({ now, earlier }: AuditContext): { ever: number; lately: number } {
  const ever = numberOf(now.info, 'rejected_connections') ?? 0;
  const before = numberOf(earlier?.info ?? new Map(), 'rejected_connections');
  return { ever, lately: before === undefined ? 0 : Math.max(0, ever - before) };
}

function judge(share: number, refusedLately: number): Severity | undefined {
  if (share >= FULL || refusedLately > 0) return 'error';
  return share >= NEAR ? 'warning' : undefined;
}

/** The server has as many connections as it takes, or nearly. */
export const maxclientsNear: Check = (chart) => {
  const { used, maxclients, holders } = chart;
  if (!maxclients) return [];
  const refused = refusedOf(chart);
  const severity = judge(used / maxclients, refused.lately);
  if (!severity) return [];
  const top = holders.slice(0, TOP).map(({ attribution, rows }) => `${attribution.owner} ${rows.length}`);
  const said = [
    `${counted(used, 'connection')}, ${percent(used / maxclients)} of maxclients (${maxclients})`,
    ...(top.length > 0 ? [`most of them: ${top.join(', ')}`] : []),
    ...(refused.lately > 0 ? [`${refused.lately} refused between the two looks`] : []),
    ...(refused.ever > 0 ? [`${refused.ever} refused since the server was started`] : []),
  ];
  const evidence = {
    ...{ connections: used, maxclients, refused: refused.ever, refusedBetweenLooks: refused.lately },
    top: top.join(', '),
  };
  return [createFinding('maxclients-near', chart, { summary: `${said.join('; ')}.`, evidence, severity })];
};

/** Descriptors that Redis keeps for itself: `CONFIG_MIN_RESERVED_FDS` of server.h. */
const RESERVED_FILES = 32;

/** Limits that are no round numbers and yet usual: of `/etc/security/limits.conf`, of systemd, of Docker. */
const ODD_LIMITS: ReadonlySet<number> = new Set([65_535, 262_143, 524_287, 1_048_575]);

/** Nobody has a lower one. */
const LOWEST_LIMIT = 256;

/** Round to a human, or to a machine. */
function isUsualFileLimit(files: number): boolean {
  if (files < LOWEST_LIMIT) return false;
  const isPowerOfTwo = Number.isInteger(Math.log2(files));
  return isPowerOfTwo || files % 100 === 0 || files % 1024 === 0 || ODD_LIMITS.has(files);
}

/**
 * Redis lowers `maxclients` to the limit of open files, less 32, and says so in its log alone: 992 and 4064 are what
 * 1024 and 4096 leave. Nobody writes such a number.
 */
export const maxclientsLowered: Check = (chart) => {
  const { maxclients, kind } = chart;
  if (kind === 'sentinel-conf' || !maxclients) return [];
  const files = maxclients + RESERVED_FILES;
  if (!isUsualFileLimit(files) || isUsualFileLimit(maxclients)) return [];
  const summary = `maxclients is ${maxclients}: what a limit of ${files} open files leaves.`;
  return [
    createFinding('maxclients-lowered', chart, { summary, evidence: { maxclients, openFiles: files } }),
  ];
};

/**
 * Servers that stand in for each other: those that replicate the same data, the nodes of a Cluster, the Sentinels that were
 * asked together. Two servers that have nothing to do with each other may have different limits.
 */
function fleetOf({ kind, now: { info } }: AuditContext): string | undefined {
  if (kind !== 'server') return kind === 'list' ? undefined : kind;
  return info.get('cluster_enabled') === '1' ? 'cluster' : info.get('master_replid');
}

/** The limit that most have; of two that are as frequent the higher one. */
function usualOf(limits: readonly number[]): number {
  const counts = [...groupBy(limits, String)].map(([limit, { length }]) => [Number(limit), length] as const);
  const [[usual] = [0]] = counts.sort(([high, many], [low, few]) => few - many || low - high);
  return usual;
}

/** Servers of one fleet whose `maxclients` is not that of the others. */
export const maxclientsUneven: FleetCheck = (charts) => {
  const limited = charts.filter(({ maxclients }) => maxclients !== undefined);
  return [...groupBy(limited, fleetOf).values()].flatMap((fleet) => {
    const usual = usualOf(fleet.map(({ maxclients = 0 }) => maxclients));
    return fleet
      .filter(({ maxclients }) => maxclients !== usual)
      .map((chart) => {
        const { maxclients = 0 } = chart;
        const summary = `maxclients is ${maxclients}, and ${usual} on servers that stand in for this one.`;
        return createFinding('maxclients-uneven', chart, { summary, evidence: { maxclients, usual } });
      });
  });
};
