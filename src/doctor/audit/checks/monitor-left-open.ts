import { formatSeconds } from '../../group/duration.js';
import type { Check } from '../check.js';
import { holdersOf } from '../holders.js';
import { conclude } from '../verdict.js';
import { count, whoIs } from '../wording.js';

/** Nobody reads along for longer. */
const LEFT_SECONDS = 600;

/** MONITOR connections that are no look in passing. */
export const monitorLeftOpen: Check = (survey) => {
  const monitors = survey.clients.filter(({ flags, age }) => flags.includes('O') && age >= LEFT_SECONDS);
  return holdersOf(monitors, survey.ownerOf).map(({ claim, rows }) => {
    const oldest = rows.reduce((age, row) => Math.max(age, row.age), 0);
    const summary = `${whoIs(claim)} has had ${count(rows.length, 'MONITOR')} open for ${formatSeconds(oldest)}.`;
    return conclude('monitor-left-open', survey, {
      summary,
      evidence: { oldestSeconds: oldest },
      claim,
      rows,
    });
  });
};
