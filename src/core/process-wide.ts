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

/** Texts seen so far. */
const known = new Map<string, string>();

/** More texts than this are not alike any more, and are not kept for sharing. */
const MAX_TEXTS = 1_000;

/** The same text, but held once however many connections have it. */
export function interned(text: string): string {
  const first = known.get(text);
  if (first !== undefined) return first;
  if (known.size >= MAX_TEXTS) known.clear();
  known.set(text, text);
  return text;
}
