import type { FleetCheck } from '../check.js';
import { gather } from '../holders.js';
import type { Chart } from '../chart.js';
import { conclude } from '../verdict.js';

/**
 * Servers that stand in for each other: those that replicate the same data, the nodes of a Cluster, the Sentinels that were
 * asked together. Two servers that have nothing to do with each other may have different limits.
 */
function fleetOf({ kind, now: { info } }: Chart): string | undefined {
  if (kind !== 'server') return kind === 'list' ? undefined : kind;
  return info.get('cluster_enabled') === '1' ? 'cluster' : info.get('master_replid');
}

/** The limit that most have; of two that are as frequent the higher one. */
function usualOf(limits: readonly number[]): number {
  const counts = [...gather(limits, String)].map(([limit, { length }]) => [Number(limit), length] as const);
  const [[usual] = [0]] = counts.sort(([high, many], [low, few]) => few - many || low - high);
  return usual;
}

/** Servers of one fleet whose `maxclients` is not that of the others. */
export const maxclientsUneven: FleetCheck = (charts) => {
  const limited = charts.filter(({ maxclients }) => maxclients !== undefined);
  return [...gather(limited, fleetOf).values()].flatMap((fleet) => {
    const usual = usualOf(fleet.map(({ maxclients = 0 }) => maxclients));
    return fleet
      .filter(({ maxclients }) => maxclients !== usual)
      .map((chart) => {
        const { maxclients = 0 } = chart;
        const summary = `maxclients is ${maxclients}, and ${usual} on servers that stand in for this one.`;
        return conclude('maxclients-uneven', chart, { summary, evidence: { maxclients, usual } });
      });
  });
};
