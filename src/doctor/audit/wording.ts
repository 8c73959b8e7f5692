import type { Claim } from '../attribution/claim.js';
import type { ClientRow } from '../client-list/row.js';
import { percent } from '../render/words.js';
import { gather } from './holders.js';

/** `, 54.3 % of maxclients (10000)`; nothing where that is unknown. */
export function shareOf(amount: number, maxclients: number | undefined): string {
  return maxclients ? `, ${percent(amount / maxclients)} of maxclients (${maxclients})` : '';
}

/** The three most frequent values: `ping 5400, select 32`. */
export function tally(rows: readonly ClientRow[], valueOf: (row: ClientRow) => string): string {
  return [...gather(rows, valueOf)]
    .sort(([one, some], [other, more]) => more.length - some.length || (one < other ? -1 : 1))
    .slice(0, 3)
    .map(([value, { length }]) => `${value} ${length}`)
    .join(', ');
}

/** Who holds something, for the beginning of a sentence. */
export function whoIs({ owner, confidence }: Claim): string {
  return confidence === 'ambiguous' ? `${owner}, an address that stands for many,` : owner;
}
