import type { ClientRow } from '../../client-list/client-row.js';
import { isSilentSinceMade } from '../../client-list/row-activity.js';
import { formatCount, formatSeconds } from '../../text/quantities.js';
import type { AuditContext, Check } from '../audit-context.js';
import {
  type ConnectionHolder,
  describeHolder,
  holderKey,
  holdersOf,
  holderThreshold,
} from '../connection-holders.js';
import { useOf, wereOpenedOneByOne } from '../connection-use.js';
import { createFinding, type Finding } from '../finding.js';

/** Owners that open more and more connections: between two snapshots, or as the ages in one snapshot show. */
export const growth: Check = (context) =>
  context.earlier
    ? findGrowth(context)
    : context.holders.flatMap((holder) => findSteadyGrowth(context, holder));

/** Additional connections of one owner. A pool that starts to be used, or a second process, brings fewer. */
const MIN_GROWTH = 30;

/** Connections of an owner that had none: it may just have been started, with the idle connections of several pools. */
const MIN_GROWTH_OF_NEW_OWNER = 50;

/** Growth as a share of the earlier connections: large services vary by some per cent. */
const MIN_GROWTH_SHARE = 0.1;

/** Share of the new connections that must be unused: a pool that grows under load uses what it opens. */
const MIN_UNUSED_SHARE = 0.5;

/** Additional connections in use, of an owner that has at least doubled. A pool has reached its limit before. */
const MIN_GROWTH_IN_USE = 100;

/** Owners that hold many more connections than in the first snapshot, and do not use the new ones or have doubled. */
function findGrowth(context: AuditContext): readonly Finding[] {
  const earlierCounts = new Map(
    holdersOf(context.earlierClients, context.ownerOf).map((holder) => [
      holderKey(holder),
      holder.rows.length,
    ]),
  );
  const earlierIds = new Set(context.earlierClients.map(({ id }) => id));
  return context.holders.flatMap((holder) => {
    const { attribution, rows } = holder;
    const earlier = earlierCounts.get(holderKey(holder)) ?? 0;
    const grown = rows.length - earlier;
    if (grown < minGrowthFor(earlier)) return [];
    const opened = rows.filter(({ id }) => !earlierIds.has(id));
    const unused = opened.filter(isHardlyUsed);
    const isUnused = opened.length > 0 && unused.length >= MIN_UNUSED_SHARE * opened.length;
    const hasDoubled = earlier > 0 && grown >= Math.max(holderThreshold(holder, MIN_GROWTH_IN_USE), earlier);
    if (!isUnused && !hasDoubled) return [];
    const seconds = context.elapsedSeconds;
    const summary = `${describeHolder(holder)} grew from ${earlier} to ${formatCount(rows.length, 'connection')} in ${formatSeconds(seconds)}; ${unused.length} of the ${opened.length} new ones are not in use.`;
    const evidence = {
      ...{ connections: rows.length, earlier, grown, seconds },
      perMinute: Math.round((60 * grown) / seconds),
    };
    return [
      createFinding('growth', context, { summary, evidence, attribution, rows: isUnused ? unused : opened }),
    ];
  });
}

/** Whether a new connection was not used for anything but health checks. A blocked one is in use. */
function isHardlyUsed(row: ClientRow): boolean {
  const use = useOf(row);
  return use === 'health-checked' || (isSilentSinceMade(row) && use !== 'blocked');
}

function minGrowthFor(earlier: number): number {
  return earlier === 0 ? MIN_GROWTH_OF_NEW_OWNER : Math.max(MIN_GROWTH, MIN_GROWTH_SHARE * earlier);
}

/** Connections that one owner opened one after the other. Pools open fewer, and stop. */
const MIN_STEADY_CONNECTIONS = 100;

/**
 * Length of the time in which they were opened. Within less, a service that starts opens its connections; in a longer time,
 * workers that were added one by one may have opened as many.
 */
const STEADY_SECONDS = { min: 60, max: 3600 };

/** Parts of this time, in each of which connections were opened: the leak is still going on. */
const PARTS = 4;

/** Share of the connections that each part has at least. With equal parts it is a quarter. */
const MIN_SHARE_OF_PART = 0.1;

/** Share of the connections that the server accepted in this time, and that are still open. Workers come and go. */
const MIN_KEPT_SHARE = 0.8;

/**
 * An owner that has opened connections at a steady pace until now and closed none, in use or not: the ids of the server
 * count its connections, so closed ones leave gaps.
 */
function findSteadyGrowth(context: AuditContext, holder: ConnectionHolder): readonly Finding[] {
  const { attribution } = holder;
  if (holder.rows.length < holderThreshold(holder, MIN_STEADY_CONNECTIONS)) return [];
  const rows = [...holder.rows].sort((one, other) => one.id - other.id);
  const seconds = rows[0]?.age ?? 0;
  const isRecent = seconds >= STEADY_SECONDS.min && seconds <= STEADY_SECONDS.max;
  if (!isRecent || 2 * seconds > context.uptimeSeconds) return [];
  if (!areAgesEven(rows, seconds) || !areKept(context, rows)) return [];
  const perMinute = Math.round((60 * rows.length) / seconds);
  const summary = `${describeHolder(holder)} opened ${formatCount(rows.length, 'connection')} one after the other in the last ${formatSeconds(seconds)}, and closed none of them.`;
  const evidence = { seconds, perMinute };
  const newestFirst = [...rows].reverse();
  return [createFinding('growth', context, { summary, evidence, attribution, rows: newestFirst })];
}

/** Whether connections, the oldest first, were opened in each part of the time, one by one. */
function areAgesEven(rows: readonly ClientRow[], seconds: number): boolean {
  const parts = Array.from({ length: PARTS }, () => 0);
  let previous = Infinity;
  for (const { age } of rows) {
    if (age > previous + 1) return false; // ids and ages disagree, so neither proves anything
    previous = age;
    const part = Math.min(PARTS - 1, Math.floor((PARTS * age) / (seconds + 1)));
    parts[part] = (parts[part] ?? 0) + 1;
  }
  return wereOpenedOneByOne(rows) && parts.every((count) => count >= MIN_SHARE_OF_PART * rows.length);
}

/** Whether nearly all connections that the server accepted since the first of these rows are still open. */
function areKept({ now }: AuditContext, rows: readonly ClientRow[]): boolean {
  const [first = NaN, last = NaN] = [rows[0]?.id, rows.at(-1)?.id];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return false;
  const kept = now.rows.filter(({ id }) => id >= first && id <= last).length;
  return kept >= MIN_KEPT_SHARE * (last - first + 1);
}
