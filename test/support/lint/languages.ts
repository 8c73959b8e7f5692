import type { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import type { Case, Language } from './cases/case.js';

const typescript = tseslint.parser as Linter.Parser;

/** How ESLint parses each kind of file: espree for JavaScript, typescript-eslint for TypeScript. */
export const LANGUAGES: Readonly<Record<Language, Linter.LanguageOptions>> = {
  module: { sourceType: 'module' },
  commonjs: { sourceType: 'commonjs' },
  script: { sourceType: 'script' },
  ts: { sourceType: 'module', parser: typescript },
  cts: { sourceType: 'commonjs', parser: typescript },
};

/** The ending that makes every tool parse a file as the case wants it. */
const ENDINGS: Readonly<Record<Language, string>> = {
  module: '.mjs',
  commonjs: '.cjs',
  script: '.cjs',
  ts: '.ts',
  cts: '.cts',
};

/** The name of a case's file, relative to the folder that the linter runs in. */
export function fileOf({ filename, language }: Case, name = 'case'): string {
  return filename ?? `${name}${ENDINGS[language]}`;
}
