import { HygieneError } from '../../core/errors.js';

/** Directives whose lines add up. CONFIG GET returns them on one line. Of every other directive the last line counts. */
const CUMULATIVE: ReadonlySet<string> = new Set([
  ...['client-output-buffer-limit', 'save', 'include', 'loadmodule', 'rename-command', 'sentinel'],
]);

/** Directives with passwords or hashes of passwords. They are not kept, so they cannot be printed. */
const SECRET =
  /^(requirepass|masterauth|user|tls-(client-)?key-file-pass|sentinel (auth|sentinel)-pass)( |$)/;

/** Common directives. Every configuration of Redis or Sentinel that is not empty has at least one of them. */
const COMMON =
  /^(port|bind|dir|daemonize|logfile|loglevel|sentinel|include|protected-mode|maxclients|timeout|save|tcp-keepalive|tls-.*|unixsocket|requirepass|appendonly|maxmemory|databases|replicaof|slaveof|cluster-.*|pidfile|supervised|aclfile|user|client-output-buffer-limit)$/;

/**
 * Parses a redis.conf or sentinel.conf to the value of each directive, in the format of CONFIG GET. Passwords are left out.
 * Included files are listed under `include`, but not read.
 *
 * @param name Name of the file, for error messages.
 * @throws HygieneError `HYG_CLI_FILE`
 */
export function parseConfiguration(text: string, name: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  if (lines.every((line) => line === '')) throw invalidFileError(name, 'it is empty.');
  const directives = lines.flatMap((line, index) =>
    line === '' || line.startsWith('#') ? [] : [parseDirective(line, index + 1, name)],
  );
  if (directives.length > 0 && !directives.some(({ key }) => COMMON.test(key))) {
    throw invalidFileError(name, 'it has none of the common directives (port, dir, sentinel, …).');
  }
  const values = new Map<string, string>();
  for (const { key, value } of directives) {
    if (SECRET.test(`${key} ${value}`)) continue;
    const before = CUMULATIVE.has(key) ? values.get(key) : undefined;
    values.set(key, before === undefined ? value : `${before} ${value}`);
  }
  return values;
}

interface Directive {
  readonly key: string;
  readonly value: string;
}

const DIRECTIVE_NAME = /^[a-z][a-z0-9-]*$/;

/** Parses one line. The error does not quote the line, which may contain a password. */
function parseDirective(line: string, lineNumber: number, name: string): Directive {
  const [first = '', ...values] = splitWords(line) ?? [];
  const key = first.toLowerCase();
  if (DIRECTIVE_NAME.test(key)) return { key, value: values.join(' ') };
  throw invalidFileError(
    name,
    `line ${lineNumber} begins with no directive, or has a quote that is not closed.`,
  );
}

/** A word in double quotes with escapes, in single quotes, or bare. A space must follow the closing quote. */
const WORD = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']\S*))(?=\s|$)/y;

/** Splits a line as `sdssplitargs()` of Redis does; `undefined` if a quote is not closed. */
function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  for (WORD.lastIndex = 0; WORD.lastIndex < line.length;) {
    const [, double, single, bare] = WORD.exec(line) ?? [];
    const word = double === undefined ? (single?.replaceAll("\\'", "'") ?? bare) : unescape(double);
    if (word === undefined) return undefined;
    words.push(word);
  }
  return words;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\u0007' };

function unescape(text: string): string {
  return text.replace(/\\(x[\da-f]{2}|.)/gi, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  );
}

function invalidFileError(name: string, problem: string): HygieneError {
  return new HygieneError('HYG_CLI_FILE', `${name} is not a configuration of Redis or Sentinel: ${problem}`);
}
