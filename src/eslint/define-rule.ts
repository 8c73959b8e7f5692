import type { TSESLint } from '@typescript-eslint/utils';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { isMinified } from './file-kinds.js';
import { type PackageAliases, packageAliasesFor } from './package-aliases.js';
import { type Trace, traceOf } from './data-flow/trace-origin.js';

/** Context that ESLint passes to a rule. */
export type RuleContext<MessageId extends string> = Readonly<
  TSESLint.RuleContext<MessageId, readonly unknown[]>
>;

/** A rule in the form that ESLint expects. */
export type HygieneRule = TSESLint.RuleModule<string, readonly unknown[]>;

/** The parts in which one rule differs from the others. */
export interface RuleDefinition<MessageId extends string> {
  /** Name of the rule, of its file and of its page in docs/lint. */
  readonly name: string;
  readonly description: string;
  readonly fixable?: 'code';
  readonly messages: Readonly<Record<MessageId, string>>;
  readonly schema?: TSESLint.RuleMetaData<MessageId>['schema'];
  /** Modules that the rule is about. A file that names none of them is skipped after one search of its text. */
  readonly modules: readonly string[];
  /** Text for which a file is checked too, even if it names none of the modules. */
  readonly textPattern?: RegExp;
  readonly create: (context: RuleContext<MessageId>, trace: Trace) => TSESLint.RuleListener;
}

export const { name: packageName, version: packageVersion } = packageJson;

/** Creates a rule that checks only files which name its modules or match its text pattern, and are not minified. */
export function defineRule<MessageId extends string>(definition: RuleDefinition<MessageId>): HygieneRule {
  const { name, description, fixable, messages, schema = [], modules, textPattern, create } = definition;
  const namesModule = createFileFilter(modules);
  return {
    meta: {
      type: 'problem',
      docs: { description, url: docsUrlOf(name) },
      messages,
      schema,
      ...(fixable && { fixable }),
    },
    create: (context) => {
      const { sourceCode, filename } = context;
      const aliases = packageAliasesFor(filename);
      const isConcerned =
        namesModule(sourceCode) ||
        textPattern?.test(sourceCode.text) ||
        namesAlias(sourceCode, aliases, modules);
      return isConcerned && !isMinified(filename, sourceCode.text)
        ? create(context, traceOf(sourceCode, aliases))
        : {};
    },
  };
}

/** Whether a file names an alias of one of the modules. */
function namesAlias(
  sourceCode: Readonly<TSESLint.SourceCode>,
  aliases: PackageAliases,
  modules: readonly string[],
): boolean {
  const names = [...aliases].filter(([, name]) => modules.includes(name)).map(([alias]) => alias);
  return names.length > 0 && createFileFilter(names)(sourceCode);
}

const require = createRequire(import.meta.url);

/** URL of the installed package. */
const PACKAGE_URL = pathToFileURL(require.resolve(`${packageName}/package.json`));

/** URL of a rule's page in the installed package: docs/ is published with it. */
function docsUrlOf(rule: string): string {
  return new URL(`docs/lint/${rule}.md`, PACKAGE_URL).href;
}

/** Decides by the text of a file, before its nodes are visited, whether a rule has to check it. */
export type FileFilter = (sourceCode: Readonly<TSESLint.SourceCode>) => boolean;

/** Creates a filter for files that contain one of the modules, or a path inside one, as a string in any quotes. */
export function createFileFilter(modules: readonly string[]): FileFilter {
  const names = modules.map((name) => name.replaceAll(/[/.-]/g, String.raw`\$&`)).join('|');
  const quotedName = new RegExp(`(['"\`])(?:${names})(?:/[^'"\`\\n]*)?\\1`);
  return ({ text }) => quotedName.test(text);
}
