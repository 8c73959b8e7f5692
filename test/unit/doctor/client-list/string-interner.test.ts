import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInterner } from '../../../../src/doctor/client-list/string-interner.js';

test('bytes become their text, wherever they stand', () => {
  const intern = createInterner();
  const bytes = Buffer.from('name=orders cmd=ping');
  expect(intern(bytes, 5, 11)).toBe('orders');
  expect(intern(bytes, 16, 20)).toBe('ping');
  expect(intern(Buffer.from('xxping'), 2, 6)).toBe('ping');
  expect(intern(bytes, 4, 4)).toBe('');
});

test('a text outlives the bytes that it was made of', () => {
  const intern = createInterner();
  const bytes = Buffer.from('orders');
  const text = intern(bytes, 0, 6);
  bytes.fill('x');
  expect(text).toBe('orders');
  expect(intern(Buffer.from('orders'), 0, 6)).toBe('orders');
  expect(intern(bytes, 0, 6)).toBe('xxxxxx');
});

test('however many different ones come, each stays itself', () => {
  const intern = createInterner();
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < 40_000; at += 1) {
      const text = `10.${at >> 8}.${at & 255}.1`;
      const bytes = Buffer.from(text);
      if (intern(bytes, 0, bytes.length) !== text)
        expect.fail(`${text} became another one in round ${round}.`);
    }
  }
});

test('any texts in any order, also long ones and those that differ in little', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[ab]{1,4}$/), long());
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
      const intern = createInterner();
      const all = Buffer.from(texts.join(''));
      let from = 0;
      for (const one of texts) {
        const to = from + Buffer.byteLength(one);
        expect(intern(all, from, to)).toBe(one);
        from = to;
      }
    }),
  );
});

function long(): fc.Arbitrary<string> {
  return fc.integer({ min: 250, max: 300 }).map((length) => 'é'.repeat(length));
}
