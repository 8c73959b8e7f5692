import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createForm, createUnquoter } from '../../../../src/doctor/client-list/quoted-form.js';

/** What comes of a text that arrives in these pieces. */
function plain(
  form: { plain(chunk: Uint8Array): Uint8Array; rest(): Uint8Array },
  pieces: readonly Buffer[],
) {
  const read = pieces.map((piece) => Buffer.from(form.plain(piece)));
  return Buffer.concat([...read, form.rest()]).toString('latin1');
}

const unquoter = () => ({ plain: createUnquoter(), rest: () => new Uint8Array() });
const halves = (text: Buffer, at: number) => [text.subarray(0, at), text.subarray(at)];

describe('a quoted text', () => {
  test.each([
    [String.raw`"a\nb"`, 'a\nb'],
    [String.raw`"\r\t\a\b"`, '\r\t\x07\b'],
    [String.raw`"say \"hi\" \\n"`, 'say "hi" \\n'],
    [String.raw`"\xe9\x00"`, '\u00e9\0'],
  ])('%s', (quoted, text) => {
    expect(plain(unquoter(), [Buffer.from(quoted)])).toBe(text);
  });

  test('may be cut anywhere', () => {
    const quoted = Buffer.from(String.raw`"id=1 name=\xe9\"\\\n"`);
    for (let at = 0; at <= quoted.length; at += 1)
      expect(plain(unquoter(), halves(quoted, at))).toBe('id=1 name=\u00e9"\\\n');
  });
});

describe('the form of a text', () => {
  const row = 'id=1 addr=10.0.0.1:1 name=';

  test.each([
    ['plain', row, row],
    ['quoted', String.raw`"${row}\n"`, `${row}\n`],
    ['quoted and counted', String.raw`1) "${row}\n"`, `1) ${row}\n`],
    ['plain, with a mark of UTF-8', `\u00ef\u00bb\u00bf${row}`, row],
    ['quoted, with a mark of UTF-8', `\u00ef\u00bb\u00bf"${row}"`, row],
    ['empty', '', ''],
    ['not clear to the end', '12', '12'],
    ['a number and no quote', '1) id=1', '1) id=1'],
  ])('%s, wherever it is cut', (_, text, expected) => {
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at <= bytes.length; at += 1)
      expect(plain(createForm(), halves(bytes, at))).toBe(expected);
  });

  test('a plain text is given on as it is', () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 100 });
    fc.assert(
      fc.property(bytes, fc.nat({ max: 100 }), (some, at) => {
        const text = Buffer.concat([Buffer.from('id='), some]);
        expect(plain(createForm(), halves(text, at))).toBe(text.toString('latin1'));
      }),
    );
  });
});
