const BOM_AND_HASHBANG = /^\uFEFF?(?:#![^\n]*(?:\n|$))?/;
const BLANKS = /\s*/y;
const COMMENT = /\/\*[^]*?\*\/[ \t]*\r?\n?|\/\/[^\n]*(?:\n|$)/y;
const DIRECTIVE = /(['"])use [a-z ]+\1;?[ \t]*(?:\/\/[^\n]*)?(?:\r?\n|$)/y;

/** What tools, or lawyers, want at the top. Any other comment without an empty line after it belongs to what follows. */
const OF_THE_FILE = /@ts-|eslint|@license|@licence|copyright|SPDX|@jest|@vitest|@flow|@format|^\/\*!/i;

/** A line that loads what has to be there before everything else: it sets the environment, or patches what comes later. */
const EARLY =
  /(?:import[ \t]*|(?:(?:const|let|var)[ \t]+[\w$]+[ \t]*=[ \t]*)?require\([ \t]*)(['"])([^'"\n]+)\1\)?(?:\.\w+\([^\n]*\))?;?[ \t]*(?:\r?\n|$)/y;

const EARLY_MODULE =
  /^(?:dotenv|@dotenvx\/|dotenv-flow|reflect-metadata|source-map-support|newrelic|dd-trace|elastic-apm-node|@opentelemetry\/|@sentry\/|\.{1,2}\/(?:.*\/)?(?:env|load-env|instrument|instrumentation|tracing|tracer|telemetry|opentelemetry|otel|apm|sentry)(?:\.[cm]?[jt]s)?$)/;

function endOf(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function endOfEarly(text: string, from: number): number | undefined {
  EARLY.lastIndex = from;
  const module = EARLY.exec(text)?.[2];
  return module !== undefined && EARLY_MODULE.test(module) ? EARLY.lastIndex : undefined;
}

const hasEmptyLine = (blanks: string) => /\n[ \t]*\r?\n|^[ \t]*\r?\n/.test(blanks);

/**
 * Where the first import of a module belongs: after the hashbang, directives, comments on the file as a whole, and lines that load
 * what must come before all else (`dotenv/config`, `reflect-metadata`, `./tracing.js`).
 */
function topOf(text: string): number {
  let at = BOM_AND_HASHBANG.exec(text)?.[0].length ?? 0;
  let top = at;
  for (;;) {
    const start = endOf(BLANKS, text, at) ?? at;
    const statement = endOf(DIRECTIVE, text, start) ?? endOfEarly(text, start);
    const comment = statement === undefined ? endOf(COMMENT, text, start) : undefined;
    if (statement === undefined && comment === undefined) return top;
    at = statement ?? comment ?? start;
    const isOfFile = comment !== undefined && OF_THE_FILE.test(text.slice(start, comment));
    const after = text.slice(at, endOf(BLANKS, text, at));
    if (statement !== undefined || isOfFile || (hasEmptyLine(after) && at < text.length)) top = at;
  }
}

/** The text with lines inserted at the top, set off where comments come before them. */
export function insertAtTop(text: string, line: string, eol: string): string {
  const top = topOf(text);
  const [head, rest] = [text.slice(0, top), text.slice(top)];
  const gap = /^[ \t]*\r?\n/.exec(rest)?.[0];
  const opening = head.replace('\uFEFF', '') === '' || /\n$/.test(head) ? '' : eol;
  if (gap === undefined) return `${head}${opening}${line}${eol}${rest}`;
  return `${head}${opening}${gap}${line}${eol}${rest.slice(gap.length)}`;
}
