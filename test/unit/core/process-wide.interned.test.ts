import { expect, test } from 'vitest';
import { interned } from '../../../src/core/process-wide.js';

test('a text stays what it is, however many there are', () => {
  for (let text = 0; text < 1_001; text += 1) expect(interned(`text ${text}`)).toBe(`text ${text}`);
  expect(interned('text 0')).toBe('text 0');
  expect(interned('')).toBe('');
});
