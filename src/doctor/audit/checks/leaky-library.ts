import { parseConnectionName } from '../../../identity/connection-name.js';
import type { ClientRow } from '../../client-list/row.js';
import { counted } from '../../render/words.js';
import type { Check } from '../check.js';
import { floorFor, gather } from '../holders.js';
import { leakOf } from '../leaks.js';
import { isSubscriber } from '../traits.js';
import { conclude } from '../verdict.js';
import { whoIs } from '../wording.js';

/** One process has one of them for each of its clients, and seldom so many clients. */
const MANY = 20;

function versionOf({ libName, libVer }: ClientRow): string {
  return `${libName} ${libVer}`.trim();
}

/**
 * Connections of a library version that is known to leave them open. The library is told by Redis 7.2 and later. Those of
 * redis-hygiene are not meant: it closes them itself.
 */
export const leakyLibrary: Check = (chart) => {
  if (chart.kind !== 'sentinel') return [];
  return chart.holders.flatMap((holder) => {
    const suspects = holder.rows.filter(
      (row) => isSubscriber(row) && !parseConnectionName(row.name) && leakOf(row.libName, row.libVer),
    );
    return [...gather(suspects, versionOf)].flatMap(([version, rows]) => {
      const leak = leakOf(rows[0]?.libName ?? '', rows[0]?.libVer ?? '');
      if (!leak || rows.length < floorFor(holder, MANY)) return [];
      const summary = `${whoIs(holder.claim)} has ${counted(rows.length, 'subscriber')} of ${version} on this Sentinel: ${leak.what} (${leak.link}).`;
      const evidence = { library: version, link: leak.link };
      return [conclude('leaky-library', chart, { summary, evidence, claim: holder.claim, rows })];
    });
  });
};
