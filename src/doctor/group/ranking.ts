import type { GroupFigures, ValueCount } from './group-statistics.js';
import type { GroupedClients } from './grouped-clients.js';

/** Groups, the largest first. */
export interface Ranking {
  readonly groups: readonly RankedGroup[];
  /** Groups below the top, and the rows in them. */
  readonly omitted: { readonly groups: number; readonly clients: number };
}

/** A group of a ranking. */
export interface RankedGroup extends GroupFigures {
  /** The value that the rows have in common; `''` if they have no value (for example no name). */
  readonly key: string;
  /** Share of all grouped rows, 0 to 1. */
  readonly share: number;
  /** Share of the `maxclients` of all servers together; missing if it is not known. */
  readonly shareOfMaxclients?: number;
  /** Change of the count since the earlier reading; missing without one. */
  readonly growth?: number;
}

/** Ranks groups by size, or by growth if there is an earlier reading. */
export function rankGroups(grouped: GroupedClients, top: number, earlier?: GroupedClients): Ranking {
  const maxclients = totalMaxclients(grouped);
  const growthOf = (key: string, count: number) =>
    earlier ? { growth: count - (earlier.groups.get(key)?.count ?? 0) } : {};
  const sorted = [...grouped.groups].map(([key, statistics]) => ({
    key,
    statistics,
    count: statistics.count,
    ...growthOf(key, statistics.count),
  }));
  sorted.sort((a, b) => (b.growth ?? 0) - (a.growth ?? 0) || b.count - a.count || compareText(a.key, b.key));
  const shown = sorted.slice(0, top);
  const groups = shown.map(({ key, statistics, growth }) => {
    const figures = statistics.figures();
    return {
      key,
      ...figures,
      share: grouped.clients === 0 ? 0 : figures.count / grouped.clients,
      ...(maxclients !== undefined && maxclients > 0 && { shareOfMaxclients: figures.count / maxclients }),
      ...(growth !== undefined && { growth }),
    };
  });
  const clients = grouped.clients - shown.reduce((sum, { count }) => sum + count, 0);
  return { groups, omitted: { groups: sorted.length - shown.length, clients } };
}

/** Sum of the `maxclients` of all servers; `undefined` if one of them is not known. */
export function totalMaxclients({ targets }: GroupedClients): number | undefined {
  return targets.reduce<number | undefined>(
    (sum, { maxclients }) => (sum === undefined || maxclients === undefined ? undefined : sum + maxclients),
    0,
  );
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The two most frequent values as text: `ping 98 %, get 2 %`. A value that all rows have stands without a share. */
export function formatTopValues(values: readonly ValueCount[], total: number): string {
  return values
    .slice(0, 2)
    .map(({ value, count }) => {
      const share = Math.round((count / total) * 100);
      return count === total ? value || 'none' : `${value || 'none'} ${share} %`;
    })
    .join(', ');
}
