import { mask } from './mask.js';

/** How a text is written, so that what is added looks as if it had been there. */
export interface Style {
  readonly quote: "'" | '"';
  readonly semicolon: ';' | '';
  readonly eol: '\n' | '\r\n';
  readonly indent: string;
}

/** Of lines such as `import x from 'y';`, the quote and the end. */
const STATEMENT =
  /^(?:import\b|export\b.*\bfrom\b|(?:const|let|var)\b.*\brequire\().*?(['"])_*\1\)?(;?)[ \t]*\r?$/gm;

/** Two blanks where nothing is indented. */
export function indentOf(text: string): string {
  return /^(\t| +)\S/m.exec(text)?.[1] ?? '  ';
}

export function eolOf(text: string): Style['eol'] {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Single quotes and semicolons where the text does not say. */
export function styleOf(text = ''): Style {
  const statements = [...mask(text).matchAll(STATEMENT)];
  const doubles = statements.filter(([, quote]) => quote === '"').length;
  const bare = statements.filter(([, , end]) => end === '').length;
  return {
    quote: doubles * 2 > statements.length ? '"' : "'",
    semicolon: bare * 2 > statements.length ? '' : ';',
    eol: eolOf(text),
    indent: indentOf(mask(text)),
  };
}

/** A text as a string literal. */
export function literal(text: string, { quote }: Style): string {
  const double = JSON.stringify(text);
  if (quote === '"') return double;
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A module written with single quotes around names, semicolons, `\n` and two blanks, in the style of its neighbours. */
export function inStyle(lines: readonly string[], { semicolon, eol, indent }: Style): string {
  const styled = lines.map((line) => {
    const indented = line.replace(/^ {2}/, indent);
    return semicolon === '' ? indented.replace(/;$/, '') : indented;
  });
  return styled.map((line) => `${line}${eol}`).join('');
}
