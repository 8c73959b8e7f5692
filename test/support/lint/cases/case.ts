/** What a file is parsed as; `cts` is TypeScript in CommonJS. */
export type Language = 'module' | 'commonjs' | 'script' | 'ts' | 'cts';

/** A file, and what is found in it. A comment stands directly before each finding and says its message: `/*created*\/new R()`. */
export interface Case {
  readonly title: string;
  readonly language: Language;
  readonly code: string;
  /** What the fix makes of it. Default: every `'ioredis'` is `'redis-hygiene/ioredis'`; the same file, if nothing is found. */
  readonly output?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly filename?: string;
}

/** Where a finding is: the line from 1, the column from 1, as linters print them. */
export interface Place {
  readonly messageId: string;
  readonly line: number;
  readonly column: number;
}

const MARK =
  /\/\*(created|extended|reexported|inHandler|inLoop|inCalledFunction|inFunction|plain|factory|client|unreleased|unguarded)\*\//g;

/** The findings that a case announces. */
export function placesIn(code: string): Place[] {
  return [...code.matchAll(MARK)].map(({ 0: mark, 1: messageId = '', index }) => {
    const before = code.slice(0, index + mark.length).split('\n');
    return { messageId, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  });
}

/** What the fix makes of a case. */
export function outputOf({ code, output }: Case): string {
  if (output !== undefined) return output;
  return placesIn(code).length === 0
    ? code
    : code.replaceAll(/(['"`])ioredis\1/g, '$1redis-hygiene/ioredis$1');
}

/** Cases by their titles; a title that begins with `ts:` or `commonjs:` says how the file is parsed. */
export function casesOf(codes: Readonly<Record<string, string>>, more: Partial<Case> = {}): Case[] {
  return Object.entries(codes).map(([title, code]) => {
    const language = /^(ts|cts|commonjs|script):/.exec(title)?.[1] as Language | undefined;
    return { title, code, language: language ?? 'module', ...more };
  });
}
