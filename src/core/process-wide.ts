import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string };

/**
 * Makes something once for the whole process, also where this version of redis-hygiene is loaded more than once: as the
 * package, and as what the preload brings along. Other versions have their own.
 */
export function processWide<T>(name: string, make: () => T): T {
  const all = globalThis as unknown as Record<symbol, T | undefined>;
  return (all[Symbol.for(`redis-hygiene@${version} ${name}`)] ??= make());
}
