import { parseConnectionName } from '../../../identity/connection-name.js';
import type { ClientRow } from '../../client-list/client-row.js';
import { isSubscriber } from '../../client-list/row-activity.js';
import { counted } from '../../text/quantities.js';
import type { Check } from '../audit-context.js';
import { floorFor, groupBy, describeHolder } from '../connection-holders.js';
import { createFinding } from '../finding.js';

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
    return [...groupBy(suspects, versionOf)].flatMap(([version, rows]) => {
      const leak = leakOf(rows[0]?.libName ?? '', rows[0]?.libVer ?? '');
      if (!leak || rows.length < floorFor(holder, MANY)) return [];
      const summary = `${describeHolder(holder.attribution)} has ${counted(rows.length, 'subscriber')} of ${version} on this Sentinel: ${leak.what} (${leak.link}).`;
      const evidence = { library: version, link: leak.link };
      return [
        createFinding('leaky-library', chart, { summary, evidence, attribution: holder.attribution, rows }),
      ];
    });
  });
};

/** A library that leaves connections open by itself, however well it is used. */
export interface KnownLeak {
  /** `lib-name`, without a tag in brackets. */
  readonly library: string;
  /** The last version that leaks; nothing where there is no fix yet. */
  readonly upTo?: string;
  /** Which of its connections stay. */
  readonly where: 'sentinel-subscribers';
  readonly what: string;
  readonly link: string;
}

/** Leaks that somebody has reported and that show in CLIENT LIST. */
export const knownLeaks: readonly KnownLeak[] = [
  {
    library: 'ioredis',
    upTo: '6.0.0',
    where: 'sentinel-subscribers',
    what: 'quit() leaves the connections of failoverDetector to all sentinels open',
    link: 'https://github.com/redis/ioredis/issues/1362',
  },
  {
    library: 'jedis',
    where: 'sentinel-subscribers',
    what: 'a pool that is closed while its MasterListener connects leaves that connection open',
    link: 'https://github.com/redis/jedis/issues/1819',
  },
];

/** The leak of this library, if this version has it. A version that cannot be read may. */
export function leakOf(libName: string, libVer: string): KnownLeak | undefined {
  const bare = libName.replace(/\(.*$/, '').toLowerCase();
  return knownLeaks.find(
    ({ library, upTo }) => library === bare && (upTo === undefined || compareVersions(libVer, upTo) <= 0),
  );
}

/** The numbers of a version; what follows them (`-beta.1`, `+build`) is left out. */
function numbersOf(version: string): readonly number[] {
  return (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '').split('.').map(Number);
}

/** Below 0 if the first is the older one, 0 if they are the same, above 0 else. */
export function compareVersions(one: string, other: string): number {
  const [own, others] = [numbersOf(one), numbersOf(other)];
  const length = Math.max(own.length, others.length);
  const differences = Array.from({ length }, (_, at) => (own[at] ?? 0) - (others[at] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
