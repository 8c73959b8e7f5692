import type { Project, SourceFile } from '../project/project.js';
import {
  closingBracketOf,
  indentOf,
  hasBalancedBrackets,
  stringLiteral,
  mask,
  styleOf,
  withoutComments,
} from '../source/source-text.js';

/** Entry of the plugin in the array of a flat config. */
export const CONFIG_ENTRY = 'redisHygiene.configs.recommended';
const PLUGIN = 'redis-hygiene/eslint';

/** Functions that take configs as arguments or in an array. All of them flatten arrays. */
const TAKES_CONFIGS =
  /^(?:defineConfig|tseslint\.config|typescriptEslint\.config|ts\.config|defineFlatConfig)\s*\(/;

const EXPORT = /^[ \t]*(?:export\s+default|module\.exports\s*=(?!=))\s*/m;

/** Whether a config mentions the plugin outside of comments. */
export function hasPlugin(text: string): boolean {
  return withoutComments(text).includes(PLUGIN);
}

/** Line that loads the plugin. */
export function pluginLine(form: 'import' | 'require', text = ''): string {
  const style = styleOf(text);
  const name = stringLiteral(PLUGIN, style);
  const line =
    form === 'import' ? `import redisHygiene from ${name}` : `const redisHygiene = require(${name})`;
  return `${line}${style.semicolon}`;
}

/** Position of the first config in the list that begins at `at`: an array, or the arguments of a function that takes configs. */
function listAt(code: string, at: number): number | undefined {
  const rest = code.slice(at);
  if (rest.startsWith('[')) return at + 1;
  const call = TAKES_CONFIGS.exec(rest)?.[0];
  if (call === undefined) return undefined;
  const inside = at + call.length;
  const array = inside + (/^\s*(?=\[)/.exec(code.slice(inside))?.[0].length ?? 0);
  if (code.charAt(array) !== '[') return inside;
  const end = closingBracketOf(code, array) ?? code.length;
  return /^\s*,?\s*\)/.test(code.slice(end + 1)) ? array + 1 : inside;
}

/** Position of the first config in the list of an exported variable. */
function listOfVariable(code: string, name: string): number | undefined {
  const declared = new RegExp(
    `^[ \\t]*(?:export\\s+)?(?:const|let|var)\\s+${name.replaceAll('$', '\\$')}\\s*(?::[^=]+)?=\\s*`,
    'm',
  );
  const found = declared.exec(code);
  return found ? listAt(code, found.index + found[0].length) : undefined;
}

function firstConfigPosition(code: string): number | undefined {
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

/** Lines that must stay first in a file: a hashbang, `@ts-` comments. */
const HEAD = /^(?:(?:#!|\/\/\s*@ts-)[^\n]*(?:\n|$))*/;

function insertPlugin(text: string, form: 'import' | 'require'): string {
  const { eol } = styleOf(text);
  const first = FIRST_LOAD[form].exec(mask(text))?.index;
  const place = first ?? HEAD.exec(text)?.[0].length ?? 0;
  const gap = first === undefined ? eol : '';
  return `${text.slice(0, place)}${pluginLine(form, text)}${eol}${gap}${text.slice(place)}`;
}

/** How a config loads modules. */
export function formOf(text: string): 'import' | 'require' {
  return /^[ \t]*module\.exports\b/m.test(mask(text)) ? 'require' : 'import';
}

/**
 * Adds the plugin to a flat config, first in the list, so that settings of the project come later and win.
 *
 * @returns `undefined` if the shape of the config is not known
 */
export function withPlugin(given: string): string | undefined {
  const bom = given.startsWith('\uFEFF') ? '\uFEFF' : '';
  const text = given.slice(bom.length);
  const code = mask(text);
  const place = hasBalancedBrackets(code) ? firstConfigPosition(code) : undefined;
  if (place === undefined || /\bredisHygiene\b/.test(code)) return undefined;
  const changed = insertPlugin(insertEntry(text, code, place), formOf(text));
  return hasBalancedBrackets(mask(changed)) ? `${bom}${changed}` : undefined;
}

/** Packages with a TypeScript parser for ESLint: the name that imports one, and the parser in it. */
const PARSERS = [
  { package: 'typescript-eslint', name: 'tseslint', parser: 'tseslint.parser' },
  { package: '@typescript-eslint/parser', name: 'tsParser', parser: 'tsParser' },
];

/** The installed package with a TypeScript parser, if any. */
export function parserOf({ manifest }: Project): (typeof PARSERS)[number] | undefined {
  return PARSERS.find((one) => one.package in manifest.dependencies);
}

/** Smallest config that runs the rules of redis-hygiene and no others. */
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
