import { counted, percent } from '../../render/words.js';
import type { Check } from '../check.js';
import { numberOf, type Chart } from '../chart.js';
import type { Severity } from '../table.js';
import { conclude } from '../verdict.js';

/** From here on a deployment, which holds connections twice for a while, may fill the server. */
const NEAR = 0.8;

/** From here on one service may. */
const FULL = 0.95;

/** How many owners are named. */
const TOP = 3;

/** Refused since the server was started; since the look before where there was one. */
function refusedOf({ now, earlier }: Chart): { ever: number; lately: number } {
  const ever = numberOf(now.info, 'rejected_connections') ?? 0;
  const before = numberOf(earlier?.info ?? new Map(), 'rejected_connections');
  return { ever, lately: before === undefined ? 0 : Math.max(0, ever - before) };
}

function judge(share: number, refusedLately: number): Severity | undefined {
  if (share >= FULL || refusedLately > 0) return 'error';
  return share >= NEAR ? 'warning' : undefined;
}

/** The server has as many connections as it takes, or nearly. */
export const maxclientsNear: Check = (chart) => {
  const { used, maxclients, holders } = chart;
  if (!maxclients) return [];
  const refused = refusedOf(chart);
  const severity = judge(used / maxclients, refused.lately);
  if (!severity) return [];
  const top = holders.slice(0, TOP).map(({ claim, rows }) => `${claim.owner} ${rows.length}`);
  const said = [
    `${counted(used, 'connection')}, ${percent(used / maxclients)} of maxclients (${maxclients})`,
    ...(top.length > 0 ? [`most of them: ${top.join(', ')}`] : []),
    ...(refused.lately > 0 ? [`${refused.lately} refused between the two looks`] : []),
    ...(refused.ever > 0 ? [`${refused.ever} refused since the server was started`] : []),
  ];
  const evidence = {
    ...{ connections: used, maxclients, refused: refused.ever, refusedBetweenLooks: refused.lately },
    top: top.join(', '),
  };
  return [conclude('maxclients-near', chart, { summary: `${said.join('; ')}.`, evidence, severity })];
};
