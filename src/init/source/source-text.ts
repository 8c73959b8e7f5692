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

const BOM_AND_HASHBANG = /^\uFEFF?(?:#![^\n]*(?:\n|$))?/;
const BLANKS = /\s*/y;
const COMMENT = /\/\*[^]*?\*\/[ \t]*\r?\n?|\/\/[^\n]*(?:\n|$)/y;
const DIRECTIVE = /(['"])use [a-z ]+\1;?[ \t]*(?:\/\/[^\n]*)?(?:\r?\n|$)/y;

/** Matches comments that must stay at the top: for tools, or about the license. Any other comment belongs to the code below it, unless an empty line follows. */
const FILE_COMMENT = /@ts-|eslint|@license|@licence|copyright|SPDX|@jest|@vitest|@flow|@format|^\/\*!/i;

/** Matches a line that only loads a module. */
const LOAD_ONLY =
  /(?:import[ \t]*|(?:(?:const|let|var)[ \t]+[\w$]+[ \t]*=[ \t]*)?require\([ \t]*)(['"])([^'"\n]+)\1\)?(?:\.\w+\([^\n]*\))?;?[ \t]*(?:\/\/[^\n]*|\/\*[^\n]*\*\/[ \t]*)?(?:\r?\n|$)/y;

/** Modules that must load before all others, because they set the environment or patch modules that load later. */
const EARLY_MODULE =
  /^(?:dotenv|@dotenvx\/|dotenv-flow|reflect-metadata|source-map-support|newrelic|dd-trace|elastic-apm-node|@opentelemetry\/|@sentry\/)/;

/** Modules of the project that must load before all others, by their names: `./tracing.js`, `@utils/instrumentSentry`. */
const EARLY_FILE =
  /^(?:\.{1,2}|[@~#]\w*|src)\/?(?:.*\/)?(?:(?:load-?)?env|instrument\w*|(?:\w+-?)?tracing|tracer|(?:open)?telemetry|otel|apm|sentry)(?:[.-]\w+)*$/i;

/**
 * Inserts a line where the first import of a module belongs: after the hashbang, directives, comments about the whole
 * file, and lines that must run first (`dotenv/config`, `reflect-metadata`, `./tracing.js`).
 */
export function insertAtTop(text: string, line: string, eol: string): string {
  const top = topOf(text);
  const [head, rest] = [text.slice(0, top), text.slice(top)];
  const gap = /^[ \t]*\r?\n/.exec(rest)?.[0];
  const opening = head.replace('\uFEFF', '') === '' || /\n$/.test(head) ? '' : eol;
  if (gap === undefined) return `${head}${opening}${line}${eol}${rest}`;
  return `${head}${opening}${gap}${line}${eol}${rest.slice(gap.length)}`;
}

/** Position of the first import. */
function topOf(text: string): number {
  let at = BOM_AND_HASHBANG.exec(text)?.[0].length ?? 0;
  let top = at;
  for (;;) {
    const start = endOf(BLANKS, text, at) ?? at;
    const statement = endOf(DIRECTIVE, text, start) ?? endOfEarlyLoad(text, start);
    const comment = statement === undefined ? endOf(COMMENT, text, start) : undefined;
    if (statement === undefined && comment === undefined) return top;
    at = statement ?? comment ?? start;
    const isFileComment = comment !== undefined && FILE_COMMENT.test(text.slice(start, comment));
    const after = text.slice(at, endOf(BLANKS, text, at));
    if (statement !== undefined || isFileComment || (hasEmptyLine(after) && at < text.length)) top = at;
  }
}

/** Position behind a match at a position; `undefined` if the pattern does not match there. */
function endOf(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function endOfEarlyLoad(text: string, from: number): number | undefined {
  LOAD_ONLY.lastIndex = from;
  const module = LOAD_ONLY.exec(text)?.[2];
  return module !== undefined && (EARLY_MODULE.test(module) || EARLY_FILE.test(module))
    ? LOAD_ONLY.lastIndex
    : undefined;
}

const hasEmptyLine = (blanks: string) => /\n[ \t]*\r?\n|^[ \t]*\r?\n/.test(blanks);
