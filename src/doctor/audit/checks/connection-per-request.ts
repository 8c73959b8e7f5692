import { formatSeconds } from '../../group/duration.js';
import { counted } from '../../render/words.js';
import type { Check } from '../check.js';
import { holdersOf, type Holder } from '../holders.js';
import type { Chart } from '../chart.js';
import { turnoverOf, type Turnover } from '../turnover.js';
import { conclude } from '../verdict.js';

/** Probes and exporters of a fleet make a few in a second. */
const PER_SECOND = 10;

/** Of fewer nothing can be said. */
const MIN_CLOSED = 50;

/** So many come and go for each one that stays. */
const PER_KEPT = 10;

/** One that is about to go. */
const BRIEF_SECONDS = 5;

/** Fewer rows do not tell whose they are. */
const LEAST_SEEN = 3;

/** Whether connections come and go in a stream. */
export function isStream({ gone, kept, seconds }: Turnover): boolean {
  return gone >= MIN_CLOSED && gone >= PER_SECOND * seconds && gone >= PER_KEPT * kept;
}

/** Who makes most of them, as far as those tell that were seen. */
function makerOf(chart: Chart, { young }: Turnover): Holder | undefined {
  const clients = new Set(chart.clients);
  const brief = young.filter((row) => clients.has(row) && row.age <= BRIEF_SECONDS);
  const [first] = holdersOf(brief, chart.ownerOf);
  const isMost = first && first.rows.length >= LEAST_SEEN && 2 * first.rows.length >= brief.length;
  return isMost ? first : undefined;
}

/** Ids that grow much faster than the number of clients: connections are made for one command and closed. */
export const connectionPerRequest: Check = (chart) => {
  const turnover = turnoverOf(chart);
  if (!turnover || !isStream(turnover)) return [];
  const { gone, kept, seconds } = turnover;
  const perSecond = Math.round(gone / seconds);
  const maker = makerOf(chart, turnover);
  const whose = maker ? ` Most of those that were seen are of ${maker.claim.owner}.` : '';
  const summary = `${counted(gone, 'connection')} came and went in ${formatSeconds(seconds)}, ${perSecond} in a second, and ${kept} stayed.${whose}`;
  const evidence = { gone, kept, seconds, perSecond };
  const { claim, rows = [] } = maker ?? {};
  return [
    conclude('connection-per-request', chart, {
      ...{ summary, evidence: { ...evidence, connections: gone }, rows },
      ...(claim ? { claim } : {}),
    }),
  ];
};
