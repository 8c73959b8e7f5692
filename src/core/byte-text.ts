import { isUtf8 } from 'node:buffer';

/**
 * Text for any bytes. Bytes that are no UTF-8 become lone surrogates, U+DC80 to U+DCFF, so that different bytes are different
 * texts and `bytesOf` gives them back.
 *
 * @see https://peps.python.org/pep-0383/ Python's `surrogateescape`.
 */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = lengthOfCharacter(bytes, at);
    text += length
      ? bytes.toString('utf8', at, at + length)
      : String.fromCharCode(SURROGATES + Number(bytes[at]));
    at += length || 1;
  }
  return text;
}

/** The surrogate of byte 0. Only those of bytes above 127 are used. */
const SURROGATES = 0xdc00;

/** Number of bytes of the character at this position, or 0 if no character begins there. */
function lengthOfCharacter(bytes: Buffer, at: number): number {
  return (
    [1, 2, 3, 4].find((length) => at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))) ?? 0
  );
}

/** Lone surrogates of bytes. */
const ESCAPED_BYTE = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

/** The bytes of a text that `textOf` has made, or the text itself if it is UTF-8, which needs no conversion. */
export function bytesOf(text: string): string | Buffer {
  if (!ESCAPED_BYTE.test(text)) return text;
  const parts = text.split(new RegExp(`(${ESCAPED_BYTE.source})`));
  return Buffer.concat(
    parts.map((part) =>
      ESCAPED_BYTE.test(part) ? Buffer.of(part.charCodeAt(0) - SURROGATES) : Buffer.from(part),
    ),
  );
}
