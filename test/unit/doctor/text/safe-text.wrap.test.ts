import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wrap } from '../../../../src/doctor/text/safe-text.js';

describe('a text', () => {
  test.each<[string, number, string[]]>([
    ['one two three', 80, ['one two three']],
    ['one two three', 13, ['one two three']],
    ['one two three', 12, ['one two', 'three']],
    ['one two three', 5, ['one', 'two', 'three']],
    ['one two three', Infinity, ['one two three']],
    ['a extraordinarily b', 5, ['a', 'extraordinarily', 'b']],
    ['', 5, ['']],
  ])('"%s" at %d', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  test('loses no word, and no line is wider unless it is one word', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 40 }), (some, width) => {
        const lines = wrap(some.join(' '), width);
        expect(lines.join(' ')).toBe(some.join(' '));
        for (const line of lines) if (line.includes(' ')) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
