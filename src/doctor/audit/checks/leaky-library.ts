import { parseConnectionName } from '../../../identity/connection-name.js';
import type { ClientRow } from '../../client-list/client-row.js';
import { isSubscriber } from '../../client-list/row-activity.js';
import { formatCount } from '../../text/quantities.js';
import type { Check } from '../audit-context.js';
import { describeHolder, groupBy, holderThreshold } from '../connection-holders.js';
import { createFinding } from '../finding.js';

/** A library that leaves connections open even if it is used correctly. */
export interface KnownLeak {
  /** `lib-name`, without a tag in brackets. */
  readonly library: string;
  /** The last version that leaks; missing if there is no fix yet. */
  readonly upTo?: string;
  /** Connections that stay open. */
  readonly where: 'sentinel-subscribers';
  /** What the library does wrong. */
  readonly what: string;
  /** The report. */
  readonly link: string;
}

/** Reported leaks that show in CLIENT LIST. */
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

/** Subscribers of one owner and one version. A process has one for each client, and seldom this many clients. */
const MIN_SUBSCRIBERS = 20;

/**
 * Connections of a library version that is known to leave them open. Redis 7.2 and later report the library. Connections of
 * redis-hygiene are excluded, because it closes them itself.
 */
export const leakyLibrary: Check = (context) => {
  if (context.kind !== 'sentinel') return [];
  return context.holders.flatMap((holder) => {
    const { attribution } = holder;
    const suspects = holder.rows.filter(
      (row) => isSubscriber(row) && !parseConnectionName(row.name) && leakOf(row.libName, row.libVer),
    );
    return [...groupBy(suspects, versionOf)].flatMap(([version, rows]) => {
      const leak = leakOf(rows[0]?.libName ?? '', rows[0]?.libVer ?? '');
      if (!leak || rows.length < holderThreshold(holder, MIN_SUBSCRIBERS)) return [];
      const summary = `${describeHolder(holder)} has ${formatCount(rows.length, 'subscriber')} of ${version} on this Sentinel. Known leak: ${leak.what} (${leak.link}).`;
      const evidence = { library: version, link: leak.link };
      return [createFinding('leaky-library', context, { summary, evidence, attribution, rows })];
    });
  });
};

function versionOf({ libName, libVer }: ClientRow): string {
  return `${libName} ${libVer}`.trim();
}

/** The leak of a library version. An unreadable version counts as leaking. */
export function leakOf(libName: string, libVer: string): KnownLeak | undefined {
  const bareName = libName.replace(/\(.*$/, '').toLowerCase();
  return knownLeaks.find(
    ({ library, upTo }) => library === bareName && (upTo === undefined || compareVersions(libVer, upTo) <= 0),
  );
}

/** Negative if the first version is older, 0 if they are equal, positive otherwise. */
export function compareVersions(one: string, other: string): number {
  const [numbers, otherNumbers] = [numbersOf(one), numbersOf(other)];
  const length = Math.max(numbers.length, otherNumbers.length);
  const differences = Array.from(
    { length },
    (_, index) => (numbers[index] ?? 0) - (otherNumbers[index] ?? 0),
  );
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** The numbers of a version. A suffix such as `-beta.1` or `+build` is ignored. */
function numbersOf(version: string): readonly number[] {
  return (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '').split('.').map(Number);
}
