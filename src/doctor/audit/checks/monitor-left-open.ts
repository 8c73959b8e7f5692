import { formatSeconds } from '../../group/duration.js';
import { counted } from '../../render/words.js';
import type { Check } from '../check.js';
import { holdersOf } from '../holders.js';
import { conclude } from '../verdict.js';
import { whoIs } from '../wording.js';

/** Nobody reads along for longer. */
const LEFT_SECONDS = 600;

/** MONITOR connections that are no look in passing. */
export const monitorLeftOpen: Check = (chart) => {
  const monitors = chart.clients.filter(({ flags, age }) => flags.includes('O') && age >= LEFT_SECONDS);
  return holdersOf(monitors, chart.ownerOf).map(({ claim, rows }) => {
    const oldest = rows.reduce((age, row) => Math.max(age, row.age), 0);
    const summary = `${whoIs(claim)} has had ${counted(rows.length, 'MONITOR')} open for ${formatSeconds(oldest)}.`;
    return conclude('monitor-left-open', chart, {
      summary,
      evidence: { oldestSeconds: oldest },
      claim,
      rows,
    });
  });
};
