import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedPages } from '../../scripts/docs/pages.js';

test.for(Object.entries(generatedPages))(
  'docs/%s is what the tables say (npm run docs)',
  ([file, render]) => {
    expect(readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')).toBe(render());
  },
);
