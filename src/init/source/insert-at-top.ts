const BOM_AND_HASHBANG = /^\uFEFF?(?:#![^\n]*(?:\n|$))?/;
const BLANKS = /\s*/y;
const COMMENT = /\/\*[^]*?\*\/[ \t]*\r?\n?|\/\/[^\n]*(?:\n|$)/y;
const DIRECTIVE = /(['"])use [a-z ]+\1;?[ \t]*(?:\/\/[^\n]*)?(?:\r?\n|$)/y;

/** Matches comments that must stay at the top: for tools, or about the license. Any other comment belongs to the code below it, unless an empty line follows. */
const FILE_COMMENT = /@ts-|eslint|@license|@licence|copyright|SPDX|@jest|@vitest|@flow|@format|^\/\*!/i;

/** Matches a line that only loads a module. */
const LOAD_ONLY =
  /(?:import[ \t]*|(?:(?:const|let|var)[ \t]+[\w$]+[ \t]*=[ \t]*)?require\([ \t]*)(['"])([^'"\n]+)\1\)?(?:\.\w+\([^\n]*\))?;?[ \t]*(?:\r?\n|$)/y;

/** Modules that must load before all others, because they set the environment or patch modules that load later. */
const EARLY_MODULE =
  /^(?:dotenv|@dotenvx\/|dotenv-flow|reflect-metadata|source-map-support|newrelic|dd-trace|elastic-apm-node|@opentelemetry\/|@sentry\/|\.{1,2}\/(?:.*\/)?(?:env|load-env|instrument|instrumentation|tracing|tracer|telemetry|opentelemetry|otel|apm|sentry)(?:\.[cm]?[jt]s)?$)/;

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
  return module !== undefined && EARLY_MODULE.test(module) ? LOAD_ONLY.lastIndex : undefined;
}

const hasEmptyLine = (blanks: string) => /\n[ \t]*\r?\n|^[ \t]*\r?\n/.test(blanks);
