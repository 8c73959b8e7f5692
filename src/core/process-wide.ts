import packageJson from '../../package.json' with { type: 'json' };

const { version } = packageJson;

/**
 * Makes something once for the whole process, even if this version of redis-hygiene is loaded twice: as the package, and
 * as part of a bundle. Other versions of redis-hygiene have instances of their own.
 */
export function processWide<T>(name: string, make: () => T): T {
  const instances = globalThis as unknown as Record<symbol, T | undefined>;
  return (instances[Symbol.for(`redis-hygiene@${version} ${name}`)] ??= make());
}

const internedTexts = new Map<string, string>();

/** Limit of interned texts. A process with more of them hardly repeats any, so all are dropped. */
const MAX_INTERNED_TEXTS = 1_000;

/**
 * Returns an equal text that all connections share, so that it is in memory only once. The shared text is a copy: V8 keeps
 * the whole of a string in memory for as long as a slice of it lives, such as a row of CLIENT LIST.
 */
export function intern(text: string): string {
  const existing = internedTexts.get(text);
  if (existing !== undefined) return existing;
  if (internedTexts.size >= MAX_INTERNED_TEXTS) internedTexts.clear();
  const copy = copyText(text);
  internedTexts.set(copy, copy);
  return copy;
}

/** Copies a text, so that the string it was cut from can be freed. */
export function copyText(text: string): string {
  return Buffer.from(text).toString();
}
