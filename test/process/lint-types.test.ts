import { Linter } from 'eslint';
import { expect, test } from 'vitest';
import plugin from 'redis-hygiene/eslint';
import type { Case } from '../support/lint/cases/case.js';
import { invalid } from '../support/lint/cases/index.js';
import { LANGUAGES } from '../support/lint/languages.js';
import { createProject } from '../support/lint/project.js';

const CONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    moduleDetection: 'force',
    experimentalDecorators: true,
    types: ['node'],
  },
  include: ['*'],
};

/** Modules are TypeScript here, all of them: what a fix does to types shows in JavaScript too, once it is checked. */
const ENDINGS = { module: '.mts', ts: '.ts', cts: '.cts' } as const;

interface Fixed {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

const linter = new Linter();

function fix({ language, code, options }: Case, index: number): readonly Fixed[] {
  if (!(language in ENDINGS) || options !== undefined) return [];
  const file = `${language}-${index}${ENDINGS[language as keyof typeof ENDINGS]}`;
  const { output, fixed } = linter.verifyAndFix(
    code,
    [
      { files: ['**/*.{ts,mts,cts}'], languageOptions: LANGUAGES[language === 'cts' ? 'cts' : 'ts'] },
      plugin.configs.recommended,
    ],
    { filename: file },
  );
  return fixed ? [{ file, before: code, after: output }] : [];
}

const cases = invalid.flatMap(fix);

/** What tsc says of the files, one program for all. */
async function complaints(version: 'before' | 'after'): Promise<string[]> {
  using project = createProject();
  project.write('tsconfig.json', JSON.stringify(CONFIG));
  for (const one of cases) project.write(one.file, one[version]);
  const { stdout } = await project.run('typescript/bin/tsc', ['-p', '.']);
  return stdout.split('\n').filter((line) => /^\S+\(\d+,\d+\): error/.test(line));
}

test('a fix adds no complaint of tsc, and what is written in TypeScript has none', async () => {
  const [before, after] = [await complaints('before'), await complaints('after')];
  expect(after.filter((line) => !before.includes(line))).toEqual([]);
  expect(after.filter((line) => /^c?ts-/.test(line))).toEqual([]);
  expect(cases.filter(({ file }) => /^c?ts-/.test(file)).length).toBeGreaterThan(15);
  expect(cases.length).toBeGreaterThan(70);
}, 120_000);

test('configurations in TypeScript compile, by import and by require', async () => {
  using project = createProject();
  const config = `defineConfig([plugin.configs.strict, { plugins: { own: plugin }, extends: ['own/recommended'] }])`;
  const head = `import { defineConfig } from 'eslint/config';\n`;
  project.write('a.mts', `${head}import plugin from 'redis-hygiene/eslint';\nexport default ${config};\n`);
  project.write('b.cts', `${head}import plugin = require('redis-hygiene/eslint');\nexport = ${config};\n`);
  project.write('tsconfig.json', JSON.stringify(CONFIG));
  expect(await project.run('typescript/bin/tsc', ['-p', '.'])).toMatchObject({ code: 0, stdout: '' });
}, 120_000);
