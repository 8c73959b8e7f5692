/** How a file is parsed; `cts` is TypeScript in CommonJS. */
export type Language = 'module' | 'commonjs' | 'script' | 'ts' | 'cts';

/** A file to lint, and its expected findings. Directly before each finding stands a comment with the id of its message: `/*created*\/new R()`. */
export interface LintCase {
  readonly title: string;
  readonly language: Language;
  readonly code: string;
  /** The code after the fix. @default `'redis-hygiene/ioredis'` for every `'ioredis'`; the same code without findings */
  readonly output?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly filename?: string;
  /** Folder of a case whose mocks would have an effect on the fixes of other cases in the same project. */
  readonly project?: string;
}

/** Message and place of a finding. Lines and columns begin with 1, as linters print them. */
export interface ExpectedFinding {
  readonly messageId: string;
  readonly line: number;
  readonly column: number;
}

const FINDING_MARK =
  /\/\*(created|extended|reexported|inHandler|inLoop|inCalledFunction|inFunction|plain|factory|client|unreleased|unguarded|mocked|unmocked)\*\//g;

/** Findings that the comments of a code announce. */
export function expectedFindingsIn(code: string): ExpectedFinding[] {
  return [...code.matchAll(FINDING_MARK)].map(({ 0: mark, 1: messageId = '', index }) => {
    const before = code.slice(0, index + mark.length).split('\n');
    return { messageId, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  });
}

/** Code of a case after the fix. */
export function fixedCodeOf({ code, output }: LintCase): string {
  if (output !== undefined) return output;
  return expectedFindingsIn(code).length === 0
    ? code
    : code.replaceAll(/(['"`])ioredis\1/g, '$1redis-hygiene/ioredis$1');
}

/** Creates cases from codes by their titles. A title may begin with the language, as in `ts:` or `commonjs:`. */
export function casesFrom(codes: Readonly<Record<string, string>>, more: Partial<LintCase> = {}): LintCase[] {
  return Object.entries(codes).map(([title, code]) => {
    const language = /^(ts|cts|commonjs|script):/.exec(title)?.[1] as Language | undefined;
    return { title, code, language: language ?? 'module', ...more };
  });
}
