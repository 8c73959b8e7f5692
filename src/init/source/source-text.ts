/** What is no code: comments, strings, templates (a nested one ends an outer one, which keeps brackets in pairs), and regular expressions. */
const NO_CODE =
  /\/\*[^]*?\*\/|\/\/[^\r\n]*|'(?:\\[^]|[^'\\\r\n])*'|"(?:\\[^]|[^"\\\r\n])*"|`(?:\\[^]|[^`\\])*`|(?<=(?:^|[=(,:;!&|?{}[\]\n]|=>|\breturn|\btypeof)[ \t\r\n]*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\r\n])*\]|[^/\\[\r\n])+\//g;

const blank = (text: string, sign: string) => text.replace(/[^\r\n]/g, sign);

function masked(token: string): string {
  if (token.startsWith('//') || token.startsWith('/*')) return blank(token, ' ');
  const quote = token.slice(0, 1);
  return `${quote}${blank(token.slice(1, -1), '_')}${quote}`;
}

/**
 * A program with its comments and the insides of its strings blanked out: as long as it was, line for line, so that a place in the
 * one is the same place in the other. It is no parser: whoever changes a text by it looks at `isBalanced` first.
 */
export function mask(source: string): string {
  return source.replace(NO_CODE, masked);
}

/** The same text without its comments, place for place. */
export function withoutComments(source: string): string {
  return source.replace(NO_CODE, (token) => (/^\/[/*]/.test(token) ? blank(token, ' ') : token));
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The place of the bracket that closes the one at `open`; `undefined` where brackets do not pair. */
export function closing(code: string, open: number): number | undefined {
  const expected: string[] = [];
  for (let at = open; at < code.length; at += 1) {
    const sign = code.charAt(at);
    const close = CLOSING[sign];
    if (close) expected.push(close);
    else if (')]}'.includes(sign) && expected.pop() !== sign) return undefined;
    if (expected.length === 0) return at;
  }
  return undefined;
}

/** Whether all brackets of a masked text pair: if not, it has not been understood. */
export function isBalanced(code: string): boolean {
  return closing(`(${code})`, 0) === code.length + 1;
}

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
