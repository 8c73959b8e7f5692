import { formatSeconds } from '../../group/duration.js';
import { counted } from '../../render/words.js';
import type { Check } from '../check.js';
import { holdersOf } from '../holders.js';
import { isSilentSinceMade } from '../traits.js';
import { conclude } from '../verdict.js';
import { whoIs } from '../wording.js';

/** A pool that comes to life, or a second process, brings fewer. */
const MIN_GROWTH = 30;

/** Of one that held nothing: it may just have been started, with the reserves of some pools. */
const LEAST_OF_NEW = 50;

/** So much of what the owner held before: large services breathe by some per cent. */
const LEAST_SHARE = 0.1;

/** So many of the new ones must be out of use: a pool that grows under load uses what it makes. */
const UNUSED_SHARE = 0.5;

function leastOf(earlier: number): number {
  return earlier === 0 ? LEAST_OF_NEW : Math.max(MIN_GROWTH, LEAST_SHARE * earlier);
}

/** Owners that hold clearly more connections than at the look before, and do not use them. */
export const growth: Check = (chart) => {
  if (!chart.earlier) return [];
  const before = new Map(
    holdersOf(chart.earlierClients, chart.ownerOf).map(({ claim, rows }) => [claim.owner, rows.length]),
  );
  const known = new Set(chart.earlierClients.map(({ id }) => id));
  return chart.holders.flatMap(({ claim, rows }) => {
    const earlier = before.get(claim.owner) ?? 0;
    const grown = rows.length - earlier;
    if (grown < leastOf(earlier)) return [];
    const made = rows.filter(({ id }) => !known.has(id));
    const unused = made.filter((row) => isSilentSinceMade(row) && !row.flags.includes('b'));
    if (made.length === 0 || unused.length < UNUSED_SHARE * made.length) return [];
    const summary = `${whoIs(claim)} went from ${earlier} to ${counted(rows.length, 'connection')} in ${formatSeconds(chart.elapsed)}; ${unused.length} of ${made.length} new ones are not in use.`;
    const evidence = {
      ...{ connections: rows.length, earlier, grown, seconds: chart.elapsed },
      perMinute: Math.round((60 * grown) / chart.elapsed),
    };
    return [conclude('growth', chart, { summary, evidence, claim, rows: unused })];
  });
};
