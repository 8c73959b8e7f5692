import { looksStale } from '../../client-list/stale.js';
import { formatSeconds } from '../../group/duration.js';
import { counted } from '../../render/words.js';
import type { Check } from '../check.js';
import { holdersOf } from '../holders.js';
import { conclude } from '../verdict.js';
import { whoIs } from '../wording.js';

/** A service has its orphans closed when it has connected again. Fewer may be about to be. */
const MANY_STALE = 10;

/** Connections of redis-hygiene whose processes would have been heard of, if they were still there. */
export const staleConnections: Check = (chart, { heartbeatSeconds }) => {
  const stale = chart.clients.filter((row) => looksStale(row, heartbeatSeconds));
  const silentFirst = stale.sort((one, other) => other.idle - one.idle || one.id - other.id);
  return holdersOf(silentFirst, chart.ownerOf).map(({ claim, rows }) => {
    const idle = rows[0]?.idle ?? 0;
    const severity = rows.length >= MANY_STALE ? 'error' : 'warning';
    const have = rows.length === 1 ? 'has' : 'have';
    const summary = `${whoIs(claim)} has ${counted(rows.length, 'connection')} that ${have} sent nothing for up to ${formatSeconds(idle)}. A living process sends a heartbeat over each every ${formatSeconds(heartbeatSeconds)} (--heartbeat).`;
    const evidence = { longestIdleSeconds: idle, heartbeatSeconds };
    return conclude('stale-connections', chart, { summary, evidence, claim, rows, severity });
  });
};
