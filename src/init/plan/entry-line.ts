import { mask, withoutComments } from '../source/mask.js';
import { literal, styleOf } from '../source/style.js';
import { insertAtTop } from '../source/top.js';

/** Whether a module loads the bootstrap already, under whatever extension. */
export function loadsBootstrap(text: string): boolean {
  const LOADS = /\b(?:from|import|require\()\s*['"]\.{1,2}\/(?:[^'"]*\/)?redis-hygiene(?:\.[cm]?[jt]s)?['"]/g;
  const code = mask(text);
  return [...withoutComments(text).matchAll(LOADS)].some(({ index }) => code.charAt(index) !== '_');
}

/** The line that loads the bootstrap, as the entry would say it. */
export function loadLine(specifier: string, form: 'import' | 'require', text = ''): string {
  const style = styleOf(text);
  const name = literal(specifier, style);
  return `${form === 'import' ? `import ${name}` : `require(${name})`}${style.semicolon}`;
}

/** The entry with that line where its first import belongs. */
export function withLoadLine(text: string, line: string): string {
  return insertAtTop(text, line, styleOf(text).eol);
}
