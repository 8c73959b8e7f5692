import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isMinified } from '../../../src/eslint/file-kinds.js';

const statement = 'var e=t(n),r=i(o(a),s());';
const readable = readFileSync(new URL('../../../src/eslint/import-fix.ts', import.meta.url), 'utf8');

test.for([
  ['code in few long lines', 'yarn-4.9.2.cjs', `${statement.repeat(1000)}\n`.repeat(4)],
  ['a short file with the name of minified ones', 'lib/app.min.js', 'a(b)'],
  ['code that is wrapped at 500 characters', 'app.js', `${statement.repeat(20)}\n`.repeat(500)],
] as const)('%s is minified', ([, filename, text]) => {
  expect(isMinified(filename, text)).toBe(true);
});

test.for([
  ['readable code', 'a.ts', readable.repeat(20)],
  ['readable code with a long text in it', 'a.ts', `${readable}const wasm = '${'A'.repeat(200_000)}';\n`],
  ['a short file in one line', 'a.js', statement.repeat(100)],
  ['a file about minifying', 'src/min.js', 'a(b)'],
] as const)('%s is not minified', ([, filename, text]) => {
  expect(isMinified(filename, text)).toBe(false);
});
