import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createFormDecoder,
  createUnquoter,
  type FormDecoder,
} from '../../../../src/doctor/client-list/quoted-form.js';

/** Decodes a text that arrives in these chunks. */
function decode(decoder: FormDecoder, chunks: readonly Buffer[]) {
  const decoded = chunks.map((chunk) => Buffer.from(decoder.decode(chunk)));
  return Buffer.concat([...decoded, decoder.flush()]).toString('latin1');
}

const unquoter = (): FormDecoder => ({ decode: createUnquoter(), flush: () => new Uint8Array() });
const halves = (text: Buffer, at: number) => [text.subarray(0, at), text.subarray(at)];

describe('a quoted text is decoded', () => {
  test.each([
    [String.raw`"a\nb"`, 'a\nb'],
    [String.raw`"\r\t\a\b"`, '\r\t\x07\b'],
    [String.raw`"say \"hi\" \\n"`, 'say "hi" \\n'],
    [String.raw`"\xe9\x00"`, '\u00e9\0'],
  ])('%s', (quoted, text) => {
    expect(decode(unquoter(), [Buffer.from(quoted)])).toBe(text);
  });

  test('wherever it is cut', () => {
    const quoted = Buffer.from(String.raw`"id=1 name=\xe9\"\\\n"`);
    for (let at = 0; at <= quoted.length; at += 1)
      expect(decode(unquoter(), halves(quoted, at))).toBe('id=1 name=\u00e9"\\\n');
  });
});

describe('the form of a text is detected', () => {
  const row = 'id=1 addr=10.0.0.1:1 name=';

  test.each([
    ['plain', row, row],
    ['quoted', String.raw`"${row}\n"`, `${row}\n`],
    ['quoted and numbered', String.raw`1) "${row}\n"`, `1) ${row}\n`],
    ['plain, with a byte order mark', `\u00ef\u00bb\u00bf${row}`, row],
    ['quoted, with a byte order mark', `\u00ef\u00bb\u00bf"${row}"`, row],
    ['empty', '', ''],
    ['unclear to its end', '12', '12'],
    ['a number without a quote', '1) id=1', '1) id=1'],
  ])('%s, wherever it is cut', (_, text, expected) => {
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at <= bytes.length; at += 1)
      expect(decode(createFormDecoder(), halves(bytes, at))).toBe(expected);
  });

  test('a plain text is returned unchanged', () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 100 });
    fc.assert(
      fc.property(bytes, fc.nat({ max: 100 }), (some, at) => {
        const text = Buffer.concat([Buffer.from('id='), some]);
        expect(decode(createFormDecoder(), halves(text, at))).toBe(text.toString('latin1'));
      }),
    );
  });
});
