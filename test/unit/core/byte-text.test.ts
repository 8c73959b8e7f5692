import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, textOf } from '../../../src/core/byte-text.js';

test('text is given back as it is', () => {
  for (const text of ['', 'news', 'žluťoučký', '👍', '\ufffd']) {
    expect(textOf(Buffer.from(text))).toBe(text);
    expect(bytesOf(text)).toBe(text);
  }
});

test('bytes that are no UTF-8 become lone surrogates', () => {
  expect(textOf(Buffer.of(0x61, 0xff, 0xc3, 0xa9, 0x80))).toBe('a\udcffé\udc80');
  expect(bytesOf('a\udcffé\udc80')).toEqual(Buffer.of(0x61, 0xff, 0xc3, 0xa9, 0x80));
});

test('any bytes are given back, and different bytes are different texts', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
      const [first, second] = [Buffer.from(one), Buffer.from(other)];
      expect(Buffer.from(bytesOf(textOf(first)) as string)).toEqual(first);
      expect(textOf(first) === textOf(second)).toBe(first.equals(second));
    }),
  );
});
