import { HygieneError } from '../../core/errors.js';

/** Directives whose lines add up, as CONFIG GET gives them: on one line. Of all others the last line counts. */
const REPEATED: ReadonlySet<string> = new Set([
  ...['client-output-buffer-limit', 'save', 'include', 'loadmodule', 'rename-command', 'sentinel'],
]);

/** Secrets, and hashes of secrets: what is not read cannot be printed. */
const SECRET =
  /^(requirepass|masterauth|user|tls-(client-)?key-file-pass|sentinel (auth|sentinel)-pass)( |$)/;

/** Some of which each configuration of Redis and Sentinel has at least one, if it has anything. */
const USUAL =
  /^(port|bind|dir|daemonize|logfile|loglevel|sentinel|include|protected-mode|maxclients|timeout|save|tcp-keepalive|tls-.*|unixsocket|requirepass|appendonly|maxmemory|databases|replicaof|slaveof|cluster-.*|pidfile|supervised|aclfile|user|client-output-buffer-limit)$/;

const DIRECTIVE = /^[a-z][a-z0-9-]*$/;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\u0007' };

/** A word: in double quotes with escapes, in single quotes, or bare. What follows a quote must be a blank. */
const WORD = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']\S*))(?=\s|$)/y;

function unescape(text: string): string {
  return text.replace(/\\(x[\da-f]{2}|.)/gi, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  );
}

/** The words of a line, as `sdssplitargs()` of Redis takes it apart; nothing where a quote does not end. */
function wordsOf(line: string): readonly string[] | undefined {
  const words: string[] = [];
  for (WORD.lastIndex = 0; WORD.lastIndex < line.length;) {
    const [, double, single, bare] = WORD.exec(line) ?? [];
    const word = double === undefined ? (single?.replaceAll("\\'", "'") ?? bare) : unescape(double);
    if (word === undefined) return undefined;
    words.push(word);
  }
  return words;
}

function invalid(name: string, what: string): HygieneError {
  return new HygieneError('HYG_CLI_FILE', `${name} is no configuration of Redis or Sentinel: ${what}`);
}

interface Directive {
  readonly key: string;
  readonly value: string;
}

/** The line itself is not told: it may hold a password. */
function readDirective(line: string, number: number, name: string): Directive {
  const [first = '', ...values] = wordsOf(line) ?? [];
  const key = first.toLowerCase();
  if (DIRECTIVE.test(key)) return { key, value: values.join(' ') };
  throw invalid(name, `line ${number} begins with no directive, or has a quote that does not end.`);
}

/**
 * Reads a redis.conf or sentinel.conf: the value of each directive, as CONFIG GET would give it, without passwords. Files
 * that it includes are named under `include`, and not read.
 *
 * @param name What the file is called, for errors.
 * @throws HygieneError `HYG_CLI_FILE`
 */
export function parseConfiguration(text: string, name: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  if (lines.every((line) => line === '')) throw invalid(name, 'it is empty.');
  const directives = lines.flatMap((line, at) =>
    line === '' || line.startsWith('#') ? [] : [readDirective(line, at + 1, name)],
  );
  if (directives.length > 0 && !directives.some(({ key }) => USUAL.test(key))) {
    throw invalid(name, 'it has none of their usual directives (port, dir, sentinel, …).');
  }
  const values = new Map<string, string>();
  for (const { key, value } of directives) {
    if (SECRET.test(`${key} ${value}`)) continue;
    const before = REPEATED.has(key) ? values.get(key) : undefined;
    values.set(key, before === undefined ? value : `${before} ${value}`);
  }
  return values;
}
