import type { TSESLint } from '@typescript-eslint/utils';
import type { Origin } from './origin/origin.js';
import type { Context } from './rule.js';
import { namesToken } from './tokens.js';

/**
 * `Redis.Redis` of a default import. To ioredis's types that is right where TypeScript takes the default of a
 * CommonJS package for its exports (module: nodenext); the drop-in's default is the class, as it is when it runs.
 */
function isTypedAsExports({ path: [first, second] }: Origin): boolean {
  return first === 'default' && (second === 'default' || second === 'Redis');
}

/**
 * Writes another module where imports name their own, and leaves every other byte; null where that would not compile, or
 * where other files could not inject what this one provides.
 */
export function replacement(
  origins: readonly Origin[],
  module: string,
  { filename, sourceCode }: Pick<Context<string>, 'filename' | 'sourceCode'>,
): TSESLint.ReportFixFunction | null {
  if (/\.[cm]?tsx?$/.test(filename) && origins.some(isTypedAsExports)) return null;
  const names = new Set(origins.flatMap(({ source }) => source ?? []));
  if ([...names].some((name) => namesToken(name, sourceCode))) return null;
  return (fixer) =>
    [...names].map(({ range: [from, to] }) => fixer.replaceTextRange([from + 1, to - 1], module));
}
