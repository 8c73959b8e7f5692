import type { TSESLint } from '@typescript-eslint/utils';
import { readFileSync } from 'node:fs';
import { type Trace, traceOf } from './data-flow/trace-origin.js';

/** What a rule is called with: ESLint's context, and where values come from. */
export type Context<Message extends string> = Readonly<TSESLint.RuleContext<Message, readonly unknown[]>>;

/** A rule as ESLint wants it. */
export type HygieneRule = TSESLint.RuleModule<string, readonly unknown[]>;

/** What one rule adds to what all have. */
export interface RuleDefinition<Message extends string> {
  /** The rule's name, its file's, and its page's. */
  readonly name: string;
  readonly description: string;
  readonly fixable?: 'code';
  readonly messages: Readonly<Record<Message, string>>;
  readonly schema?: TSESLint.RuleMetaData<Message>['schema'];
  /** A file that names none of these modules costs nothing. */
  readonly modules: readonly string[];
  /** Words that concern the rule too, where none of the modules is named. */
  readonly words?: RegExp;
  readonly create: (context: Context<Message>, trace: Trace) => TSESLint.RuleListener;
}

const PACKAGE = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly name: string;
  readonly version: string;
};

/** Name and version of the package, from its package.json, two folders above in src as in dist. */
export const { name: packageName, version: packageVersion } = PACKAGE;

/** The page of a rule, as it was installed: docs/ is part of the package. */
function pageOf(rule: string): string {
  return new URL(`../../docs/lint/${rule}.md`, import.meta.url).href;
}

/** A rule that looks at no file but those that name its modules. */
export function defineRule<Message extends string>(definition: RuleDefinition<Message>): HygieneRule {
  const { name, description, fixable, messages, schema = [], modules, words, create } = definition;
  const isConcerned = createFileFilter(modules);
  return {
    meta: {
      type: 'problem',
      docs: { description, url: pageOf(name) },
      messages,
      schema,
      ...(fixable && { fixable }),
    },
    create: (context) =>
      isConcerned(context.sourceCode) || words?.test(context.sourceCode.text)
        ? create(context, traceOf(context.sourceCode))
        : {},
  };
}

/** Whether a file can have anything to do with some modules: a look at its text, before anything is traversed. */
export type FileFilter = (sourceCode: Readonly<TSESLint.SourceCode>) => boolean;

/** A gate for files that name one of these modules, or a path inside one, in any kind of quotes. */
export function createFileFilter(modules: readonly string[]): FileFilter {
  const names = modules.map((name) => name.replaceAll(/[/.-]/g, String.raw`\$&`)).join('|');
  const named = new RegExp(`(['"\`])(?:${names})(?:/[^'"\`\\n]*)?\\1`);
  return ({ text }) => named.test(text);
}
