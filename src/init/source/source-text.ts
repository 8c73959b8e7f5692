/**
 * Matches everything that is not code: comments, strings, template literals and regular expressions. A nested template
 * literal ends the match of the outer one, which keeps brackets in pairs.
 */
const NON_CODE =
  /\/\*[^]*?\*\/|\/\/[^\r\n]*|'(?:\\[^]|[^'\\\r\n])*'|"(?:\\[^]|[^"\\\r\n])*"|`(?:\\[^]|[^`\\])*`|(?<=(?:^|[=(,:;!&|?{}[\]\n]|=>|\breturn|\btypeof)[ \t\r\n]*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\r\n])*\]|[^/\\[\r\n])+\//g;

const blankOut = (text: string, filler: string) => text.replace(/[^\r\n]/g, filler);

function maskToken(token: string): string {
  if (token.startsWith('//') || token.startsWith('/*')) return blankOut(token, ' ');
  const quote = token.slice(0, 1);
  return `${quote}${blankOut(token.slice(1, -1), '_')}${quote}`;
}

/**
 * Blanks out comments and the contents of strings, so that only code is left. All positions stay the same. This is not a
 * parser: check `hasBalancedBrackets` before editing a text by its mask.
 */
export function mask(source: string): string {
  return source.replace(NON_CODE, maskToken);
}

/** Blanks out comments only. All positions stay the same. */
export function withoutComments(source: string): string {
  return source.replace(NON_CODE, (token) => (/^\/[/*]/.test(token) ? blankOut(token, ' ') : token));
}

const CLOSING_BRACKETS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Position of the bracket that closes the one at `open`; `undefined` if brackets do not match. */
export function closingBracketOf(code: string, open: number): number | undefined {
  const expected: string[] = [];
  for (let at = open; at < code.length; at += 1) {
    const character = code.charAt(at);
    const close = CLOSING_BRACKETS[character];
    if (close) expected.push(close);
    else if (')]}'.includes(character) && expected.pop() !== character) return undefined;
    if (expected.length === 0) return at;
  }
  return undefined;
}

/** Whether all brackets of a masked text match. If not, the mask is wrong or the text is not valid code. */
export function hasBalancedBrackets(code: string): boolean {
  return closingBracketOf(`(${code})`, 0) === code.length + 1;
}

/** Code style of a file, which inserted lines follow. */
export interface CodeStyle {
  readonly quote: "'" | '"';
  readonly semicolon: ';' | '';
  readonly eol: '\n' | '\r\n';
  readonly indent: string;
}

/** Matches lines such as `import x from 'y';`, and captures the quote and the semicolon. */
const MODULE_STATEMENT =
  /^(?:import\b|export\b.*\bfrom\b|(?:const|let|var)\b.*\brequire\().*?(['"])_*\1\)?(;?)[ \t]*\r?$/gm;

/** Indentation of the first indented line; two spaces if no line is indented. */
export function indentOf(text: string): string {
  return /^(\t| +)\S/m.exec(text)?.[1] ?? '  ';
}

export function eolOf(text: string): CodeStyle['eol'] {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Code style of a text. Single quotes and semicolons if the text shows no preference. */
export function styleOf(text = ''): CodeStyle {
  const statements = [...mask(text).matchAll(MODULE_STATEMENT)];
  const doubles = statements.filter(([, quote]) => quote === '"').length;
  const bare = statements.filter(([, , end]) => end === '').length;
  return {
    quote: doubles * 2 > statements.length ? '"' : "'",
    semicolon: bare * 2 > statements.length ? '' : ';',
    eol: eolOf(text),
    indent: indentOf(mask(text)),
  };
}

/** String literal of a text. */
export function stringLiteral(text: string, { quote }: CodeStyle): string {
  const double = JSON.stringify(text);
  if (quote === '"') return double;
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Joins lines that end with semicolons and are indented by two spaces, in a code style. Quotes are left as they are. */
export function applyStyle(lines: readonly string[], { semicolon, eol, indent }: CodeStyle): string {
  const styled = lines.map((line) => {
    const indented = line.replace(/^ {2}/, indent);
    return semicolon === '' ? indented.replace(/;$/, '') : indented;
  });
  return styled.map((line) => `${line}${eol}`).join('');
}
