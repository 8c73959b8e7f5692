/** Turns the form of a text into its plain bytes, piece by piece. */
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
 * `redis-cli --no-raw CLIENT LIST` prints one string in quotes, its newlines as `\n`. An escape may be cut between two
 * pieces, so what has begun is kept.
 */
function createQuoted(): Unquoter {
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

/** Looks at the first piece: a text that begins with a quote is in redis-cli's quoted form. */
export function createUnquoter(first: Uint8Array): Unquoter {
  return first[0] === QUOTE ? createQuoted() : (chunk) => chunk;
}
