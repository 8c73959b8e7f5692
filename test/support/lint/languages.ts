import type { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import type { LintCase, Language } from './cases/case.js';

const typescript = tseslint.parser as Linter.Parser;

/** ESLint's options for each language: espree parses JavaScript, typescript-eslint parses TypeScript. */
export const LANGUAGES: Readonly<Record<Language, Linter.LanguageOptions>> = {
  module: { sourceType: 'module' },
  commonjs: { sourceType: 'commonjs' },
  script: { sourceType: 'script' },
  ts: { sourceType: 'module', parser: typescript },
  cts: { sourceType: 'commonjs', parser: typescript },
};

/** File extensions by which every linter parses a file in the language of its case. */
const EXTENSIONS: Readonly<Record<Language, string>> = {
  module: '.mjs',
  commonjs: '.cjs',
  script: '.cjs',
  ts: '.ts',
  cts: '.cts',
};

/** File name of a case, relative to the folder that the linter runs in. */
export function fileOf({ filename, language }: LintCase, name = 'case'): string {
  return filename ?? `${name}${EXTENSIONS[language]}`;
}
