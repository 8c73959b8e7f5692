import { Linter } from 'eslint';
import { expect, test } from 'vitest';
import plugin from 'redis-hygiene/eslint';
import type { LintCase } from '../support/lint/cases/case.js';
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

/** Extensions by language. JavaScript modules are compiled as TypeScript too, so that the effect of a fix on types is checked. */
const EXTENSIONS = { module: '.mts', ts: '.ts', cts: '.cts' } as const;

interface FixedFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

const linter = new Linter();

/** Cases with a project of their own are about mocks, and need the types of a test runner. */
function fixCase({ language, code, options, project }: LintCase, index: number): readonly FixedFile[] {
  if (!(language in EXTENSIONS) || options !== undefined || project !== undefined) return [];
  const file = `${language}-${index}${EXTENSIONS[language as keyof typeof EXTENSIONS]}`;
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

const fixedFiles = invalid.flatMap(fixCase);

/** Compiles one version of all files in one program, and returns the errors. */
async function compile(version: 'before' | 'after'): Promise<string[]> {
  using project = createProject();
  project.write('tsconfig.json', JSON.stringify(CONFIG));
  for (const fixed of fixedFiles) project.write(fixed.file, fixed[version]);
  const { stdout } = await project.run('typescript/bin/tsc', ['-p', '.']);
  return stdout.split('\n').filter((line) => /^\S+\(\d+,\d+\): error/.test(line));
}

test('a fix adds no compile errors, and fixed TypeScript files have none', async () => {
  const [before, after] = [await compile('before'), await compile('after')];
  expect(after.filter((line) => !before.includes(line))).toEqual([]);
  expect(after.filter((line) => /^c?ts-/.test(line))).toEqual([]);
  expect(fixedFiles.filter(({ file }) => /^c?ts-/.test(file)).length).toBeGreaterThan(15);
  expect(fixedFiles.length).toBeGreaterThan(70);
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
