import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { colorStyle, type TextStyle, plainStyle } from '../../../../src/doctor/render/text-table.js';

const names = Object.keys(plainStyle) as (keyof TextStyle)[];

test('plain styles return the text unchanged', () => {
  expect(names).toHaveLength(5);
  for (const name of names) expect(plainStyle[name]('text')).toBe('text');
});

test('each coloured style wraps the text in its own escape sequences', () => {
  const coloured = names.map((name) => colorStyle[name]('text'));
  for (const text of coloured) {
    expect(text).toMatch(/^\x1b\[\d+mtext\x1b\[\d+m$/);
    expect(stripVTControlCharacters(text)).toBe('text');
  }
  expect(new Set(coloured).size).toBe(5);
});
