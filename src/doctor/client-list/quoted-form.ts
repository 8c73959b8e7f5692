/** Takes the pieces of a text in any form, and gives its plain bytes. */
export interface Form {
  plain(chunk: Uint8Array): Uint8Array;
  /** What was held back, since the text ended before its form was clear. */
  rest(): Uint8Array;
}

/** UTF-8's mark at the beginning of a file, as some editors write it: its bytes as Latin-1. */
const MARK = '\u00ef\u00bb\u00bf';
/** redis-cli quotes the replies to `EXEC`, and counts them: `1) "id=…"`. */
const QUOTED = /^\s*(?:\d+\) )?"/;
const PERHAPS_QUOTED = /^\s*(?:\d+(?:\) ?)?)?$/;
/** Where a text has not shown its form by then, it is taken as it is. */
const OPENING_BYTES = 64;

const EMPTY: Uint8Array = new Uint8Array();

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const afterMark = (text: string) => (text.startsWith(MARK) ? text.slice(MARK.length) : text);

function judge(opening: Uint8Array): 'quoted' | 'plain' | 'unclear' {
  const begin = latin1(opening.subarray(0, OPENING_BYTES));
  if (QUOTED.test(afterMark(begin))) return 'quoted';
  if (opening.length >= OPENING_BYTES) return 'plain';
  return MARK.startsWith(begin) || PERHAPS_QUOTED.test(afterMark(begin)) ? 'unclear' : 'plain';
}

/** Looks at how the text begins, in however many pieces that comes. */
export function createForm(): Form {
  let opening = EMPTY;
  let unquote: Unquoter | undefined;

  function decide(verdict: 'quoted' | 'plain'): Uint8Array {
    unquote = verdict === 'quoted' ? createUnquoter() : (chunk) => chunk;
    const isMarked = latin1(opening.subarray(0, MARK.length)) === MARK;
    return unquote(opening.subarray(isMarked ? MARK.length : 0));
  }

  return {
    plain(chunk) {
      if (unquote) return unquote(chunk);
      opening = join(opening, chunk);
      const verdict = judge(opening);
      if (verdict !== 'unclear') return decide(verdict);
      // A copy: the piece is its owner's, who may use it again.
      opening = new Uint8Array(opening);
      return EMPTY;
    },
    rest: () => (unquote ? EMPTY : decide('plain')),
  };
}

/** Turns the pieces of a quoted string into its bytes. */
export type Unquoter = (chunk: Uint8Array) => Uint8Array;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = 0x78;

/** What stands after a backslash for a byte that redis-cli does not print as it is (`sdscatrepr` of Redis). */
const ESCAPED: ReadonlyMap<number, number> = new Map(
  Object.entries({ n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' }).map(([letter, byte]) => [
    letter.charCodeAt(0),
    byte.charCodeAt(0),
  ]),
);

/**
 * Where redis-cli quotes, it prints one string, its newlines as `\n`. An escape may be cut between two pieces, so what
 * has begun is kept.
 */
export function createUnquoter(): Unquoter {
  let begun = '';
  return (chunk) => {
    const plain = new Uint8Array(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (begun === '') {
        if (byte === BACKSLASH) begun = '\\';
        else if (byte !== QUOTE) plain[length++] = byte;
      } else if (begun === '\\' && byte !== HEX) {
        plain[length++] = ESCAPED.get(byte) ?? byte;
        begun = '';
      } else {
        begun += String.fromCharCode(byte);
        if (begun.length < '\\x00'.length) continue;
        plain[length++] = parseInt(begun.slice(2), 16);
        begun = '';
      }
    }
    return plain.subarray(0, length);
  };
}
