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
