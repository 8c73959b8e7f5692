import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { formOf, hasPlugin, withPlugin } from '../../../../src/init/plan/eslint-config.js';

const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Stands for the recommended config in the loaded array. */
const RECOMMENDED = "{ name: 'redis-hygiene' }";
const require = createRequire(import.meta.url);

/** Names of the configs that ESLint would load from a file, in order. Imported packages are replaced by stand-ins. */
async function namesOf(text: string): Promise<unknown[]> {
  const file = join(folder, `config-${Math.random()}.${formOf(text) === 'import' ? 'mjs' : 'cjs'}`);
  const define = 'const defineConfig = (...c) => c; const tseslint = { config: (...c) => c, configs: {} };';
  const plain = text
    .replace('\uFEFF', '')
    .replace(
      /^import redisHygiene .*$|^const redisHygiene .*$/m,
      `const redisHygiene = { configs: { recommended: ${RECOMMENDED} } };`,
    )
    .replace(/^(?:import|const) (?:type )?(?:\{.*?\}|tseslint|path).*(?:from|require).*$/gm, '')
    .replace(/(const \w+)\s*: [\w.]+(?:\[\])?/, '$1')
    .replace(/ satisfies [\w.]+\[\]/, '')
    .replace(/ as const/, '');
  writeFileSync(file, `${define}\n${plain}`);
  const loaded: unknown = file.endsWith('cjs')
    ? require(file)
    : ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: unknown }).default;
  return [loaded].flat(9).map((config) => (config as { name: string }).name);
}

const shapes: readonly (readonly [shape: string, text: string])[] = [
  ['an array', "export default [\n  { name: 'a' },\n  { name: 'b' },\n];\n"],
  ['an array on one line', "export default [{ name: 'a' }, { name: 'b' }];\n"],
  [
    'an array with comments',
    "export default [\n  // first, [\n  { name: 'a' }, /* ] */\n  { name: 'b' }, // last\n];\n",
  ],
  [
    'an array with a comment after its opening bracket',
    "export default [ // all configs\n  { name: 'a' }, { name: 'b' } ];\n",
  ],
  ['an array without a trailing comma', "export default [\n  { name: 'a' },\n  { name: 'b' }\n]\n"],
  [
    'an array without semicolons, indented by tabs',
    'import path from "node:path"\nexport default [\n\t{ name: "a" },\n\t{ name: "b" },\n]\n',
  ],
  ['an array with CRLF line ends', "export default [\r\n  { name: 'a' },\r\n  { name: 'b' },\r\n];\r\n"],
  [
    'an array with brackets in strings',
    "export default [\n  { name: 'a', files: ['**/*.{ts,tsx}', ']['] },\n  { name: 'b' },\n];\n",
  ],
  [
    'an array with regular expressions',
    "export default [\n  { name: 'a', x: /[/\\]]'/g },\n  { name: 'b', y: 4 / 2 / 1 },\n];\n",
  ],
  [
    'an array with template literals',
    "const e = 'ts';\nexport default [\n  { name: 'a', x: `[${`*.${e}`}` },\n  { name: 'b' },\n];\n",
  ],
  ['an array with a spread', "const more = [{ name: 'b' }];\nexport default [{ name: 'a' }, ...more];\n"],
  ['a @ts-check comment first', "// @ts-check\nexport default [\n  { name: 'a' },\n  { name: 'b' },\n];\n"],
  [
    'a type in a comment',
    "/** @type {import('eslint').Linter.Config[]} */\nexport default [{ name: 'a' }, { name: 'b' }];\n",
  ],
  [
    'defineConfig of an array',
    "import { defineConfig } from 'eslint/config';\n\nexport default defineConfig([\n  { name: 'a' },\n  { name: 'b' },\n]);\n",
  ],
  [
    'defineConfig of an array on several lines',
    "import { defineConfig } from 'eslint/config';\n\nexport default defineConfig(\n  [\n    { name: 'a' },\n    { name: 'b' },\n  ],\n);\n",
  ],
  [
    'defineConfig with configs as arguments',
    "import { defineConfig } from 'eslint/config';\n\nexport default defineConfig(\n  { name: 'a' },\n  { name: 'b' },\n);\n",
  ],
  [
    'defineConfig of an array and another argument',
    "import { defineConfig } from 'eslint/config';\n\nexport default defineConfig([{ name: 'a' }], { name: 'b' });\n",
  ],
  [
    'tseslint.config',
    "import tseslint from 'typescript-eslint';\n\nexport default tseslint.config(\n  { name: 'a' },\n  ...[{ name: 'b' }],\n);\n",
  ],
  [
    'tseslint.config on one line',
    "import tseslint from 'typescript-eslint';\nexport default tseslint.config({ name: 'a' }, { name: 'b' });\n",
  ],
  ['a variable', "const config = [\n  { name: 'a' },\n  { name: 'b' },\n];\n\nexport default config;\n"],
  [
    'a variable with a type',
    "import type { Linter } from 'eslint';\nconst config: Linter.Config[] = [\n  { name: 'a' },\n  { name: 'b' },\n];\nexport default config;\n",
  ],
  [
    'a variable of defineConfig',
    "import { defineConfig } from 'eslint/config';\nconst config = defineConfig([{ name: 'a' }, { name: 'b' }]);\nexport default config\n",
  ],
  ['an array with satisfies', "export default [{ name: 'a' }, { name: 'b' }] satisfies Linter.Config[];\n"],
  ['an array with as const', "export default [{ name: 'a' }, { name: 'b' }] as const;\n"],
  ['module.exports', "'use strict';\n\nmodule.exports = [\n  { name: 'a' },\n  { name: 'b' },\n];\n"],
  [
    'module.exports after a require',
    "const path = require('node:path');\n\nmodule.exports = [\n  { name: 'a' },\n  { name: 'b' },\n];\n",
  ],
  [
    'module.exports of defineConfig',
    "const { defineConfig } = require('eslint/config');\nmodule.exports = defineConfig([{ name: 'a' }, { name: 'b' }]);\n",
  ],
  [
    'module.exports of a variable',
    "const config = [{ name: 'a' }, { name: 'b' }];\nmodule.exports = config;\n",
  ],
  ['an array after a byte order mark', "\uFEFFexport default [{ name: 'a' }, { name: 'b' }];\n"],
];

describe('withPlugin() adds the plugin first to', () => {
  test.for(shapes)('%s', async ([, text]) => {
    const changed = withPlugin(text) ?? '';
    expect(await namesOf(changed)).toEqual(['redis-hygiene', 'a', 'b']);
    expect(hasPlugin(changed)).toBe(true);
    expect(changed.includes('\r\n')).toBe(text.includes('\r\n'));
    if (text.includes('\r\n')) expect(changed.replaceAll('\r\n', '')).not.toContain('\n');
    // Without the added lines, the text is the original one.
    const added =
      /import redisHygiene.*\r?\n(?:\r?\n)?|const redisHygiene.*\r?\n(?:\r?\n)?|(?:\r?\n[ \t]*)?redisHygiene\.configs\.recommended,? ?/g;
    expect(changed.replace(added, '')).toBe(text);
    expect(withPlugin(changed)).toBeUndefined();
  });

  test.for([
    'export default [];\n',
    'module.exports = []\n',
    'export default defineConfig();\n',
    'export default [\n];\n',
  ])('an empty list: %j', async (text) => {
    expect(await namesOf(withPlugin(text) ?? '')).toEqual(['redis-hygiene']);
  });
});

describe('the added lines', () => {
  test('follow the code style of the file: quotes, semicolons, tabs', () => {
    expect(
      withPlugin('import js from "@eslint/js"\n\nexport default [\n\tjs.configs.recommended,\n]\n'),
    ).toBe(
      'import redisHygiene from "redis-hygiene/eslint"\nimport js from "@eslint/js"\n\nexport default [\n\tredisHygiene.configs.recommended,\n\tjs.configs.recommended,\n]\n',
    );
  });

  test('leave a type comment directly above the export', () => {
    expect(withPlugin('// @ts-check\n/** @type {X} */\nexport default [];\n')).toBe(
      "// @ts-check\nimport redisHygiene from 'redis-hygiene/eslint';\n\n/** @type {X} */\nexport default [redisHygiene.configs.recommended];\n",
    );
  });
});

describe('withPlugin() returns undefined for', () => {
  test.for([
    ['an object', 'export default { rules: {} };\n'],
    [
      'a call of an unknown function',
      "import antfu from '@antfu/eslint-config';\nexport default antfu({ type: 'lib' }, []);\n",
    ],
    ['a promise', 'export default (async () => [])();\n'],
    ['a file without an export', 'const config = [];\n'],
    ['an imported variable', "import config from './base.js';\nexport default config;\n"],
    ['a variable that holds the result of a call', 'const config = make([]);\nexport default config;\n'],
    ['a re-export', "export { default } from './base.js';\n"],
    ['brackets that do not match', 'export default [ { name: ( } ];\n'],
    ['an export in a comment', '// export default [\n'],
    ['an export in a string', 'const text = `\nexport default [\n`;\n'],
    ['a file that uses the name redisHygiene itself', 'const redisHygiene = 1;\nexport default [];\n'],
    ['an empty file', ''],
  ])('%s', ([, text]) => {
    expect(withPlugin(text as string)).toBeUndefined();
  });
});

test('hasPlugin() ignores comments', () => {
  expect(hasPlugin("// import x from 'redis-hygiene/eslint'\n")).toBe(false);
  expect(hasPlugin("const { x } = await import('redis-hygiene/eslint');\n")).toBe(true);
});
