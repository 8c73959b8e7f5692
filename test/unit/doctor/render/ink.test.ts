import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { colourInk, type Ink, plainInk } from '../../../../src/doctor/render/text-table.js';

const kinds = Object.keys(plainInk) as (keyof Ink)[];

test('without colours a text is as it was', () => {
  expect(kinds).toHaveLength(5);
  for (const kind of kinds) expect(plainInk[kind]('text')).toBe('text');
});

test('colours are around the text, each its own, and end with it', () => {
  const coloured = kinds.map((kind) => colourInk[kind]('text'));
  for (const text of coloured) {
    expect(text).toMatch(/^\x1b\[\d+mtext\x1b\[\d+m$/);
    expect(stripVTControlCharacters(text)).toBe('text');
  }
  expect(new Set(coloured).size).toBe(5);
});
