import { type MockCall, mockCallsIn } from './mock-calls.js';

/** The module whose mocks are searched for. */
export const MOCKED_MODULE = 'ioredis';

/** How a file replaces ioredis, but not the module to use instead. */
export type ReplacementForm =
  /** A call such as `vi.mock('ioredis')`. */
  | 'call'
  /** An alias of vite. */
  | 'alias'
  /** Another library for mocks, such as proxyquire. */
  | 'library';

/** What one file says about ioredis. */
export interface FileMocks {
  /** Whether the file imports ioredis or the module to use instead, and mocks neither. */
  readonly isUser: boolean;
  /** Missing if the file replaces nothing, or both modules. */
  readonly replacement?: { readonly form: ReplacementForm; readonly line: number };
}

/** Names of configuration files of vite, in which ioredis can have an alias. */
const VITE_CONFIG = /^vite(?:st)?[.-].*[cm]?[jt]s$/;

/** `ioredis:` in an object of aliases, and `find: 'ioredis'` in a list of them. */
const VITE_ALIAS =
  /(?:(['"`])ioredis\1|\bioredis)\s*:|\bfind\s*:\s*(?:(['"`])ioredis\2|\/\^ioredis(?![\w-]))/;

const MOCK_LIBRARY = /(['"`])(?:proxyquire|esmock|mock-require|rewiremock|testdouble|quibble|mockery)\1/;
/** `{ ioredis: fake }` and `mock('ioredis', fake)`. */
const LIBRARY_MOCK = /(?:(['"`])ioredis\1|\bioredis)\s*:|\(\s*(['"`])ioredis\2\s*,/;

/**
 * Reads from the text of a file what it says about ioredis.
 *
 * @param name Name of the file, without its folder.
 * @param module Module to use instead of ioredis.
 * @returns `undefined` for a file that says nothing about either module
 */
export function readFileMocks(name: string, text: string, module: string): FileMocks | undefined {
  if (!text.includes(MOCKED_MODULE) && !text.includes(module)) return undefined;
  const code = withoutCommentLines(text);
  const found = findReplacement(name, code, module);
  const calls = mockCallsIn(code).filter((call) => call.module === MOCKED_MODULE || call.module === module);
  const isUser = calls.length === 0 && !found && isImported(code, module);
  if (!found) return { isUser };
  const line = code.slice(0, found.index).split('\n').length;
  return { isUser, replacement: { form: found.form, line } };
}

interface Found {
  readonly form: ReplacementForm;
  readonly index: number;
}

function findReplacement(name: string, code: string, module: string): Found | undefined {
  const calls = mockCallsIn(code);
  const call = calls.find((one) => missesPackages(one) && !hasCounterpart(one, calls, module));
  if (call) return { form: 'call', index: call.index };
  const alias = VITE_CONFIG.test(name) ? VITE_ALIAS.exec(code) : undefined;
  if (alias)
    return withoutPatternSigns(code).includes(module) ? undefined : { form: 'alias', index: alias.index };
  const mock = MOCK_LIBRARY.test(code) ? LIBRARY_MOCK.exec(code) : undefined;
  return mock && !code.includes(module) ? { form: 'library', index: mock.index } : undefined;
}

/** Whether a call mocks or restores ioredis, but not for the installed packages that load it. */
export function missesPackages(call: MockCall): boolean {
  return call.module === MOCKED_MODULE && !call.reachesPackages;
}

/** Whether a file also mocks, or also restores, the module to use instead of ioredis. */
export function hasCounterpart({ kind }: MockCall, calls: readonly MockCall[], module: string): boolean {
  return calls.some((other) => other.module === module && other.kind === kind);
}

/** `^(redis-hygiene/)?ioredis$` without what makes it a regular expression. */
function withoutPatternSigns(code: string): string {
  return code.replaceAll(/\(\?:|[\\^$()?]/g, '');
}

/** Code with spaces in place of lines that are comments, so that all indexes stay as they are. */
function withoutCommentLines(text: string): string {
  return text.replaceAll(/^[ \t]*(?:\/\/.*|\*.*|\/\*(?:(?!\*\/).)*(?:\*\/[ \t]*)?)$/gm, (line) =>
    ' '.repeat(line.length),
  );
}

function isImported(code: string, module: string): boolean {
  const imports = code.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"`])([^'"`\n]+)\1/g);
  return [...imports].some(({ 2: name }) => name === MOCKED_MODULE || name === module);
}
