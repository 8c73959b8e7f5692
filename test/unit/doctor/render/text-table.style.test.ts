import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { colourStyle, type TextStyle, plainStyle } from '../../../../src/doctor/render/text-table.js';

const kinds = Object.keys(plainStyle) as (keyof TextStyle)[];

test('without colours a text is as it was', () => {
  expect(kinds).toHaveLength(5);
  for (const kind of kinds) expect(plainStyle[kind]('text')).toBe('text');
});

test('colours are around the text, each its own, and end with it', () => {
  const coloured = kinds.map((kind) => colourStyle[kind]('text'));
  for (const text of coloured) {
    expect(text).toMatch(/^\x1b\[\d+mtext\x1b\[\d+m$/);
    expect(stripVTControlCharacters(text)).toBe('text');
  }
  expect(new Set(coloured).size).toBe(5);
});
