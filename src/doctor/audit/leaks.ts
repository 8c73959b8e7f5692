import { compareVersions } from './versions.js';

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
