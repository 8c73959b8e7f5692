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
