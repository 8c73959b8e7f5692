import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInterner } from '../../../../src/doctor/client-list/string-interner.js';

test('returns the text of bytes at any offset', () => {
  const intern = createInterner();
  const bytes = Buffer.from('name=orders cmd=ping');
  expect(intern(bytes, 5, 11)).toBe('orders');
  expect(intern(bytes, 16, 20)).toBe('ping');
  expect(intern(Buffer.from('xxping'), 2, 6)).toBe('ping');
  expect(intern(bytes, 4, 4)).toBe('');
});

test('a string stays valid after its bytes have changed', () => {
  const intern = createInterner();
  const bytes = Buffer.from('orders');
  const text = intern(bytes, 0, 6);
  bytes.fill('x');
  expect(text).toBe('orders');
  expect(intern(Buffer.from('orders'), 0, 6)).toBe('orders');
  expect(intern(bytes, 0, 6)).toBe('xxxxxx');
});

test('40 000 distinct values are all returned correctly', () => {
  const intern = createInterner();
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < 40_000; at += 1) {
      const text = `10.${at >> 8}.${at & 255}.1`;
      const bytes = Buffer.from(text);
      if (intern(bytes, 0, bytes.length) !== text)
        expect.fail(`${text} was returned as another string in round ${round}.`);
    }
  }
});

test('any values in any order, including long ones and similar ones', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[ab]{1,4}$/), longText());
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

function longText(): fc.Arbitrary<string> {
  return fc.integer({ min: 250, max: 300 }).map((length) => 'é'.repeat(length));
}
