/**
 * What writes over a line, turns it round (U+202E) or is not seen at all: controls, format characters, separators of lines,
 * and halves of a pair.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text with a `?` for each character that would move the cursor of a terminal, or mislead its reader. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}

const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON that says the same, with those characters escaped that JSON itself would let through. */
export function escapeUnprintable(json: string): string {
  const escape = (character: string) =>
    character === '\n' ? character : character.split('').map(escaped).join('');
  return json.replace(UNPRINTABLE, escape);
}
