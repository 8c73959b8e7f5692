import { redact } from '../../core/redact.js';

/**
 * Characters that overwrite a line, reverse its direction (U+202E) or are invisible: controls, format characters, line
 * separators, and lone surrogates.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text that another party chose, such as a connection's name: without passwords in URLs, and safe for a terminal. */
export function safeText(text: string): string {
  return replaceUnprintable(redact(text));
}

/** Replaces each character that would move the cursor of a terminal, or mislead a reader, by `?`. */
export function replaceUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}

const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Escapes unprintable characters that `JSON.stringify` leaves as they are. The value of the JSON stays the same. */
export function escapeUnprintable(json: string): string {
  const escape = (character: string) =>
    character === '\n' ? character : character.split('').map(escapeUnit).join('');
  return json.replace(UNPRINTABLE, escape);
}

/** A server's reply for use inside a sentence: on one line, and without the mark or line break at its end. */
export function quoteReply(text: string): string {
  return text.replace(/[.:?!\s\p{Cc}]+$/u, '').replace(/\p{Cc}/gu, '?');
}

/** Breaks a text at spaces so that no line is wider than `width`. A word that is wider stays whole. */
export function wrapText(text: string, width: number): readonly string[] {
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

/** The first sentence of a text. A sentence ends at a full stop before a capital letter. */
export function firstSentence(text: string): string {
  return /^.*?\.(?=\s+[A-Z]|$)/s.exec(text)?.[0] ?? text;
}
