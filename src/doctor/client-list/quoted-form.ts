/** Decodes the chunks of a client list to plain bytes, whether redis-cli quoted the list or not. */
export interface FormDecoder {
  decode(chunk: Uint8Array): Uint8Array;
  /** The bytes that were held back, if the text ended before its form was clear. */
  flush(): Uint8Array;
}

/** The byte order mark of UTF-8, which some editors write at the beginning of a file: its bytes as Latin-1. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

/** redis-cli quotes and numbers the replies to `EXEC`: `1) "id=…"`. */
const QUOTED = /^\s*(?:\d+\) )?"/;
const MAYBE_QUOTED = /^\s*(?:\d+(?:\) ?)?)?$/;

/** A text whose form is not clear after this many bytes is read as plain. */
const MAX_OPENING_BYTES = 64;

const EMPTY: Uint8Array = new Uint8Array();

/** Creates a decoder that detects the form from the beginning of the text, however many chunks that arrives in. */
export function createFormDecoder(): FormDecoder {
  let opening = EMPTY;
  let decodeForm: Unquoter | undefined;

  function choose(form: 'quoted' | 'plain'): Uint8Array {
    decodeForm = form === 'quoted' ? createUnquoter() : (chunk) => chunk;
    const hasMark = latin1(opening.subarray(0, BYTE_ORDER_MARK.length)) === BYTE_ORDER_MARK;
    return decodeForm(opening.subarray(hasMark ? BYTE_ORDER_MARK.length : 0));
  }

  return {
    decode(chunk) {
      if (decodeForm) return decodeForm(chunk);
      opening = concat(opening, chunk);
      const form = detectForm(opening);
      if (form !== 'unclear') return choose(form);
      // A copy: the caller may use the chunk again.
      opening = new Uint8Array(opening);
      return EMPTY;
    },
    flush: () => (decodeForm ? EMPTY : choose('plain')),
  };
}

function detectForm(opening: Uint8Array): 'quoted' | 'plain' | 'unclear' {
  const beginning = latin1(opening.subarray(0, MAX_OPENING_BYTES));
  if (QUOTED.test(withoutMark(beginning))) return 'quoted';
  if (opening.length >= MAX_OPENING_BYTES) return 'plain';
  return BYTE_ORDER_MARK.startsWith(beginning) || MAYBE_QUOTED.test(withoutMark(beginning))
    ? 'unclear'
    : 'plain';
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const withoutMark = (text: string) =>
  text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}

/** Decodes the chunks of a quoted string to its bytes. */
export type Unquoter = (chunk: Uint8Array) => Uint8Array;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = 0x78;

/** Bytes by the letter that stands for them after a backslash (`sdscatrepr` in the source of Redis). */
const BYTE_BY_ESCAPE: ReadonlyMap<number, number> = new Map(
  Object.entries({ n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' }).map(([letter, byte]) => [
    letter.charCodeAt(0),
    byte.charCodeAt(0),
  ]),
);

/**
 * Creates a decoder for the quoted form of redis-cli: one string, with its newlines as `\n`. An escape sequence may be split
 * between two chunks, so its beginning is kept.
 */
export function createUnquoter(): Unquoter {
  let escape = '';
  return (chunk) => {
    const plain = new Uint8Array(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (escape === '') {
        if (byte === BACKSLASH) escape = '\\';
        else if (byte !== QUOTE) plain[length++] = byte;
      } else if (escape === '\\' && byte !== HEX) {
        plain[length++] = BYTE_BY_ESCAPE.get(byte) ?? byte;
        escape = '';
      } else {
        escape += String.fromCharCode(byte);
        if (escape.length < '\\x00'.length) continue;
        plain[length++] = parseInt(escape.slice(2), 16);
        escape = '';
      }
    }
    return plain.subarray(0, length);
  };
}
