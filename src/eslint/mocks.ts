import type { TSESLint } from '@typescript-eslint/utils';

const CALL = String.raw`(?:\.\s*(?:mock|doMock|unstable_mockModule|mockModule|setMock)|\bmock\s*\.\s*module)`;
/** `<typeof import('m')>` and the like. */
const TYPES = String.raw`(?:<(?:[^<>()]|\([^()]*\)|<[^<>]*>)*>)?`;
const NAME = String.raw`(['"\`])([^'"\`\n]+)\1`;

const MOCK = new RegExp(String.raw`${CALL}\s*${TYPES}\s*\(\s*(?:import\s*\(\s*)?${NAME}`, 'g');

/** The modules that a test replaces (vitest, jest, node:test): what it makes of them connects to nothing. */
export function mockedModules(sourceCode: Readonly<TSESLint.SourceCode>): ReadonlySet<string> {
  const calls = [...sourceCode.text.matchAll(MOCK)];
  const comments = calls.length > 0 ? sourceCode.getAllComments().map(({ range }) => range) : [];
  const isSaid = (at: number) => comments.some(([from, to]) => from <= at && at < to);
  return new Set(calls.flatMap(({ index, 2: module = '' }) => (isSaid(index) ? [] : [module])));
}
