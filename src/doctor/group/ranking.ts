import type { Figures, ValueCount } from './group-statistics.js';
import type { GroupedClients } from './grouped-clients.js';

/** One line of the answer to "who holds how many?". */
export interface RankedGroup extends Figures {
  /** What the rows have in common; `''` where they have nothing there (no name, say). */
  readonly key: string;
  /** Of all gathered rows, 0 to 1. */
  readonly share: number;
  /** Of what the servers take together, 0 to 1; nothing where that is not known. */
  readonly shareOfMaxclients?: number;
  /** How many more than in the survey before; nothing without one. */
  readonly growth?: number;
}

/** The groups, the largest first. */
export interface Ranking {
  readonly groups: readonly RankedGroup[];
  /** What is not shown: groups below the top, and the rows in them. */
  readonly omitted: { readonly groups: number; readonly clients: number };
}

/** What all servers take together; nothing if one of them is not known. */
export function totalMaxclients({ targets }: GroupedClients): number | undefined {
  return targets.reduce<number | undefined>(
    (sum, { maxclients }) => (sum === undefined || maxclients === undefined ? undefined : sum + maxclients),
    0,
  );
}

const alphabetic = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Ranks by count, or by growth where there is a survey before. */
export function rank(survey: GroupedClients, top: number, earlier?: GroupedClients): Ranking {
  const maxclients = totalMaxclients(survey);
  const growthOf = (key: string, count: number) =>
    earlier ? { growth: count - (earlier.groups.get(key)?.count ?? 0) } : {};
  const counted = [...survey.groups].map(([key, statistics]) => ({
    key,
    statistics,
    count: statistics.count,
    ...growthOf(key, statistics.count),
  }));
  counted.sort((a, b) => (b.growth ?? 0) - (a.growth ?? 0) || b.count - a.count || alphabetic(a.key, b.key));
  const shown = counted.slice(0, top);
  const groups = shown.map(({ key, statistics, growth }) => {
    const figures = statistics.figures();
    return {
      key,
      ...figures,
      share: survey.clients === 0 ? 0 : figures.count / survey.clients,
      ...(maxclients !== undefined && maxclients > 0 && { shareOfMaxclients: figures.count / maxclients }),
      ...(growth !== undefined && { growth }),
    };
  });
  const clients = survey.clients - shown.reduce((sum, { count }) => sum + count, 0);
  return { groups, omitted: { groups: counted.length - shown.length, clients } };
}

/** The most frequent values, in few words: `ping 98 %, get`. */
export function brief(tally: readonly ValueCount[], total: number): string {
  return tally
    .slice(0, 2)
    .map(({ value, count }) => {
      const share = Math.round((count / total) * 100);
      return count === total ? value || 'none' : `${value || 'none'} ${share} %`;
    })
    .join(', ');
}
