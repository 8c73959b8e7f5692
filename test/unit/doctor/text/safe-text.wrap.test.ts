import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wrapText } from '../../../../src/doctor/text/safe-text.js';

describe('wrapText', () => {
  test.each<[string, number, string[]]>([
    ['one two three', 80, ['one two three']],
    ['one two three', 13, ['one two three']],
    ['one two three', 12, ['one two', 'three']],
    ['one two three', 5, ['one', 'two', 'three']],
    ['one two three', Infinity, ['one two three']],
    ['a extraordinarily b', 5, ['a', 'extraordinarily', 'b']],
    ['', 5, ['']],
  ])('"%s" at a width of %d', (text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines);
  });

  test('keeps all words, and a line is wider than the limit only if it is one word', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 40 }), (some, width) => {
        const lines = wrapText(some.join(' '), width);
        expect(lines.join(' ')).toBe(some.join(' '));
        for (const line of lines) if (line.includes(' ')) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
