import { redact } from '../../core/redact.js';

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

/** A text that somebody else chose, such as a connection's name: a URL without its password, no moves of the cursor. */
export function safeText(text: string): string {
  return printable(redact(text));
}

/** Breaks a text at blanks so that no line is wider than `width`; a longer word stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The words of a stranger, for one line of a terminal, inside a sentence that has a full stop of its own. */
export function quoteReply(text: string): string {
  return text.replace(/\p{Cc}/gu, '?').replace(/[.:\s]+$/, '');
}
