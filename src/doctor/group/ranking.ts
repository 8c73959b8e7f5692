import type { GroupFigures, ValueCount } from './group-statistics.js';
import type { GroupedClients } from './grouped-clients.js';
import type { RowGroups } from './row-groups.js';

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
  /** Share of the `maxclients` of all servers together; missing if it is not known, and with sentinels among them. */
  readonly shareOfMaxclients?: number;
  /** Change of the count since the earlier reading; missing without one. */
  readonly growth?: number;
}

/** Ranks groups by size, or by growth if there is an earlier reading. */
export function rankGroups(grouped: GroupedClients, top: number, earlier?: GroupedClients): Ranking {
  const maxclients = totalMaxclients(grouped);
  const shown = largestGroups(grouped.groups, top, earlier?.groups);
  const figures = grouped.groups.figuresOf(shown.map(({ key }) => key));
  const groups = shown.map(({ key, count, growth }, index) => ({
    key,
    ...(figures[index] as GroupFigures),
    share: grouped.clients === 0 ? 0 : count / grouped.clients,
    ...(maxclients !== undefined && maxclients > 0 && { shareOfMaxclients: count / maxclients }),
    ...(growth !== undefined && { growth }),
  }));
  const clients = grouped.clients - shown.reduce((sum, { count }) => sum + count, 0);
  return { groups, omitted: { groups: grouped.groups.size - shown.length, clients } };
}

/** The size of a group, and its growth if there is an earlier reading. */
interface GroupSize {
  readonly key: string;
  readonly count: number;
  readonly growth?: number;
}

/** The largest groups, sorted. There may be a million groups, so no more than twice those that are shown are kept. */
function largestGroups(groups: RowGroups, top: number, earlier: RowGroups | undefined): readonly GroupSize[] {
  let largest: GroupSize[] = [];
  for (const [key, count] of groups.entries()) {
    largest.push({ key, count, ...(earlier && { growth: count - earlier.countOf(key) }) });
    if (largest.length >= 2 * top) largest = largest.sort(compareGroups).slice(0, top);
  }
  return largest.sort(compareGroups).slice(0, top);
}

function compareGroups(a: GroupSize, b: GroupSize): number {
  return (b.growth ?? 0) - (a.growth ?? 0) || b.count - a.count || compareText(a.key, b.key);
}

/**
 * Sum of the `maxclients` of all servers; `undefined` if one of them is not known, and for sentinels among data nodes: a
 * client cannot use the room of the one on the other.
 */
export function totalMaxclients({ targets }: GroupedClients): number | undefined {
  if (targets.some(({ kind }) => kind !== targets[0]?.kind)) return undefined;
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
