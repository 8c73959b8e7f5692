import type { Project, SourceFile } from '../project/project.js';
import {
  closing,
  indentOf,
  isBalanced,
  literal,
  mask,
  styleOf,
  withoutComments,
} from '../source/source-text.js';

/** The entry of the array. */
export const CONFIG_ENTRY = 'redisHygiene.configs.recommended';
const PLUGIN = 'redis-hygiene/eslint';

/** Functions that take configs as arguments, or in an array: all of them flatten. */
const TAKES_CONFIGS =
  /^(?:defineConfig|tseslint\.config|typescriptEslint\.config|ts\.config|defineFlatConfig)\s*\(/;

const EXPORT = /^[ \t]*(?:export\s+default|module\.exports\s*=(?!=))\s*/m;

/** Whether a config has the plugin, in whatever way. */
export function hasPlugin(text: string): boolean {
  return withoutComments(text).includes(PLUGIN);
}

/** The line that loads the plugin. */
export function pluginLine(form: 'import' | 'require', text = ''): string {
  const style = styleOf(text);
  const name = literal(PLUGIN, style);
  const line =
    form === 'import' ? `import redisHygiene from ${name}` : `const redisHygiene = require(${name})`;
  return `${line}${style.semicolon}`;
}

/** Where the first config stands, in the list that begins at `at`: an array, or the arguments of a function that takes configs. */
function listAt(code: string, at: number): number | undefined {
  const rest = code.slice(at);
  if (rest.startsWith('[')) return at + 1;
  const call = TAKES_CONFIGS.exec(rest)?.[0];
  if (call === undefined) return undefined;
  const inside = at + call.length;
  const array = inside + (/^\s*(?=\[)/.exec(code.slice(inside))?.[0].length ?? 0);
  if (code.charAt(array) !== '[') return inside;
  const end = closing(code, array) ?? code.length;
  return /^\s*,?\s*\)/.test(code.slice(end + 1)) ? array + 1 : inside;
}

/** The same for a variable that is exported. */
function listOfVariable(code: string, name: string): number | undefined {
  const declared = new RegExp(
    `^[ \\t]*(?:export\\s+)?(?:const|let|var)\\s+${name.replaceAll('$', '\\$')}\\s*(?::[^=]+)?=\\s*`,
    'm',
  );
  const found = declared.exec(code);
  return found ? listAt(code, found.index + found[0].length) : undefined;
}

function placeOf(code: string): number | undefined {
  const exported = EXPORT.exec(code);
  if (!exported) return undefined;
  const at = exported.index + exported[0].length;
  const name = /^[\w$]+(?=\s*(?:;|$|satisfies\b|as\b))/m.exec(code.slice(at))?.[0];
  const isName = name !== undefined && code.startsWith(name, at);
  return isName ? listOfVariable(code, name) : listAt(code, at);
}

function insertEntry(text: string, code: string, place: number): string {
  const { eol } = styleOf(text);
  const rest = code.slice(place);
  const blanks = /^\s*/.exec(rest)?.[0] ?? '';
  const next = rest.charAt(blanks.length);
  const isEmpty = next === ']' || next === ')';
  const line = /(?:^|\n)([ \t]*)[^\n]*$/.exec(text.slice(0, place))?.[1] ?? '';
  const own = /\n([ \t]*)\S/.exec(text.slice(place))?.[1];
  const isMultiline = /^[ \t]*\r?\n/.test(text.slice(place));
  const deeper = own !== undefined && own.length > line.length ? own : `${line}${indentOf(text)}`;
  const entry = isMultiline ? `${eol}${deeper}${CONFIG_ENTRY},` : `${CONFIG_ENTRY}${isEmpty ? '' : ', '}`;
  return `${text.slice(0, place)}${entry}${text.slice(place)}`;
}

const FIRST_LOAD = {
  import: /^import\b(?!\s*\()/m,
  require: /^(?:const|let|var)\b[^\n;]*\brequire\s*\(/m,
};

/** Tools read these where they stand: first. */
const HEAD = /^(?:(?:#!|\/\/\s*@ts-)[^\n]*(?:\n|$))*/;

function insertPlugin(text: string, form: 'import' | 'require'): string {
  const { eol } = styleOf(text);
  const first = FIRST_LOAD[form].exec(mask(text))?.index;
  const place = first ?? HEAD.exec(text)?.[0].length ?? 0;
  const gap = first === undefined ? eol : '';
  return `${text.slice(0, place)}${pluginLine(form, text)}${eol}${gap}${text.slice(place)}`;
}

/** How a config loads what it needs. */
export function formOf(text: string): 'import' | 'require' {
  return /^[ \t]*module\.exports\b/m.test(mask(text)) ? 'require' : 'import';
}

/**
 * A flat config with the plugin in it: first in the list, so that whatever the project says of its rules comes later and counts.
 *
 * @returns `undefined` where its shape is none of those that are known
 */
export function withPlugin(given: string): string | undefined {
  const bom = given.startsWith('\uFEFF') ? '\uFEFF' : '';
  const text = given.slice(bom.length);
  const code = mask(text);
  const place = isBalanced(code) ? placeOf(code) : undefined;
  if (place === undefined || /\bredisHygiene\b/.test(code)) return undefined;
  const changed = insertPlugin(insertEntry(text, code, place), formOf(text));
  return isBalanced(mask(changed)) ? `${bom}${changed}` : undefined;
}

/** Packages that read TypeScript for ESLint: the line that loads one, and the parser in it. */
const PARSERS = [
  { package: 'typescript-eslint', name: 'tseslint', parser: 'tseslint.parser' },
  { package: '@typescript-eslint/parser', name: 'tsParser', parser: 'tsParser' },
];

/** The package that reads TypeScript here, if one is installed. */
export function parserOf({ manifest }: Project): (typeof PARSERS)[number] | undefined {
  return PARSERS.find((one) => one.package in manifest.dependencies);
}

/** The smallest config that lints with our rules, and nothing else. */
export function newEslintConfig(project: Project): SourceFile {
  const { tsconfig, manifest } = project;
  const parser = tsconfig ? parserOf(project) : undefined;
  const out = tsconfig?.outDir?.replace(/^\.\//, '').replace(/\/$/, '') ?? 'dist';
  const entries = [
    ...(tsconfig && !out.startsWith('.') ? [`{ ignores: ['${out}/'] },`] : []),
    `${CONFIG_ENTRY},`,
    ...(parser ? [`{ files: ['**/*.{ts,mts,cts}'], languageOptions: { parser: ${parser.parser} } },`] : []),
  ];
  const lines = [
    pluginLine('import'),
    ...(parser ? [`import ${parser.name} from '${parser.package}';`] : []),
    '',
    'export default [',
    ...entries.map((entry) => `  ${entry}`),
    '];',
    '',
  ];
  return {
    path: manifest.type === 'module' ? 'eslint.config.js' : 'eslint.config.mjs',
    text: lines.join('\n'),
  };
}
