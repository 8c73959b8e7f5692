import type { Claim } from '../attribution/claim.js';
import type { Source } from '../sources/source.js';
import type { Filter } from './filter.js';
import { createGrouping, type KeyOf } from './grouping.js';
import type { GroupKey } from './by.js';
import type { Statistics } from './statistics.js';

/** What one source had to say. */
export interface SurveyedTarget {
  readonly target: string;
  readonly kind: Source['kind'];
  /** Rows, those that a filter left out included. */
  readonly rows: number;
  readonly maxclients: number | undefined;
  /** Lines that were no rows, and whether the last row was cut short. */
  readonly strangers: number;
  readonly truncated: boolean;
}

/** Rows of all sources, gathered by one key. */
export interface Survey {
  readonly by: GroupKey;
  readonly targets: readonly SurveyedTarget[];
  /** Rows that were gathered. */
  readonly clients: number;
  readonly groups: ReadonlyMap<string, Statistics>;
  /** Who stands behind a key, where rows are gathered by who holds them. */
  readonly claims: ReadonlyMap<string, Claim>;
}

/** How rows get their keys. Those that need somebody's word (who is that?) get it at the end, all at once. */
export interface Keying {
  readonly by: GroupKey;
  readonly keyOf: KeyOf;
  readonly finish: (groups: ReadonlyMap<string, Statistics>) => Promise<Pick<Survey, 'groups' | 'claims'>>;
}

/** What is read, and who hears how far it is. */
export interface SurveyOptions {
  readonly filter?: Filter | undefined;
  /** Hears the number of rows that were read, every 65 536 of them. */
  readonly onProgress: (rows: number) => void;
}

/** A power of two less one: whether it is time to say how far it is costs next to nothing. */
const PROGRESS_MASK = 0xffff;

/** Reads all sources once, and gathers their rows. */
export async function takeSurvey(
  sources: readonly Source[],
  keying: Keying,
  { filter, onProgress }: SurveyOptions,
): Promise<Survey> {
  const grouping = createGrouping(keying.keyOf);
  let seen = 0;
  const targets = await Promise.all(
    sources.map(async (source) => {
      const { target, kind, maxclients } = source;
      const report = await source.read((row) => {
        seen += 1;
        if ((seen & PROGRESS_MASK) === 0) onProgress(seen);
        if (!filter || filter(row)) grouping.add(row, source);
      });
      return { target, kind, maxclients, ...report };
    }),
  );
  return { by: keying.by, targets, clients: grouping.total(), ...(await keying.finish(grouping.groups())) };
}
