import type { TSESLint } from '@typescript-eslint/utils';

/** Whether a file can have anything to do with some modules: a look at its text, before anything is traversed. */
export type Gate = (sourceCode: Readonly<TSESLint.SourceCode>) => boolean;

/** A gate for files that name one of these modules, or a path inside one, in any kind of quotes. */
export function createGate(modules: readonly string[]): Gate {
  const names = modules.map((name) => name.replaceAll(/[/.-]/g, String.raw`\$&`)).join('|');
  const named = new RegExp(`(['"\`])(?:${names})(?:/[^'"\`\\n]*)?\\1`);
  return ({ text }) => named.test(text);
}
