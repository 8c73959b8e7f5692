import { expect, test } from 'vitest';
import { intern } from '../../../src/core/process-wide.js';

test('interned texts are unchanged, even with more of them than are kept', () => {
  for (let text = 0; text < 1_001; text += 1) expect(intern(`text ${text}`)).toBe(`text ${text}`);
  expect(intern('text 0')).toBe('text 0');
  expect(intern('')).toBe('');
});
