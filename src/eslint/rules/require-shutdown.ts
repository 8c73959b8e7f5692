import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import type { CallNode } from '../data-flow/syntax-nodes.js';
import { createSourceContext, type Trace } from '../data-flow/trace-origin.js';
import { usesOf } from '../data-flow/value-uses.js';
import { hasExports, hasHashbang, isConfigurationFile, isMatchedByGlobs, isTestFile } from '../file-kinds.js';
import { isDropInMaker, isFactoryMaker } from '../opened-connections.js';
import { isShutdownCall, isShutdownModule } from '../shutdown-calls.js';
import { defineRule, packageName, type RuleContext } from '../define-rule.js';

/** Options of the rule. */
interface Options {
  /** Globs of files that are started by themselves, whatever they export. */
  readonly entries?: readonly string[];
}

type MessageId = 'factory' | 'client';

const schema: TSESLint.RuleMetaData<MessageId>['schema'] = [
  {
    type: 'object',
    additionalProperties: false,
    properties: {
      entries: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        uniqueItems: true,
        description:
          'Globs of files that are started by themselves, relative to the folder that the linter runs in.',
      },
    },
  },
];

const messages: Readonly<Record<MessageId, string>> = {
  factory:
    'This entry file never shuts down the factory, so its connections are cut off when the process ends. Call installShutdownHooks(factory), use an adapter, or await factory.shutdown().',
  client:
    'This entry file never shuts down the clients of the drop-in, so they are cut off when the process ends. Call installShutdownHooks(defaultFactory()), use an adapter, or await defaultFactory().shutdown().',
};

/** Finds entry files of an application that open connections and never shut them down. */
export const requireShutdown = defineRule<MessageId>({
  name: 'require-shutdown',
  description: 'An entry file that opens connections also shuts them down',
  messages,
  schema,
  modules: [packageName],
  create(context, trace) {
    const { entries = [] } = (context.options[0] ?? {}) as Options;
    return isEntry(context, entries) ? createListener(context, trace) : {};
  },
});

function isEntry(context: RuleContext<MessageId>, entries: readonly string[]): boolean {
  if (isMatchedByGlobs(context, entries)) return true;
  if (isTestFile(context) || isConfigurationFile(context)) return false;
  return hasHashbang(context.sourceCode) || !hasExports(context.sourceCode);
}

function createListener(context: RuleContext<MessageId>, trace: Trace): TSESLint.RuleListener {
  const sourceContext = createSourceContext(context.sourceCode, trace);
  let firstOpening: { readonly node: CallNode; readonly messageId: MessageId } | undefined;
  let isShutDown = false;
  const checkOpening = (node: CallNode) => {
    const origins = trace(node.callee);
    const messageId = origins.some(isFactoryMaker) ? 'factory' : 'client';
    if (messageId === 'client' && !origins.some(isDropInMaker)) return;
    if (usesOf(node, sourceContext).some(({ kind }) => kind === 'disposed')) isShutDown = true;
    firstOpening ??= { node, messageId };
  };
  const checkImport = ({ source }: { readonly source: TSESTree.Node }) => {
    isShutDown ||= isShutdownModule(sourceContext.textOf(source) ?? '');
  };
  return {
    ImportDeclaration: checkImport,
    ImportExpression: checkImport,
    NewExpression: checkOpening,
    CallExpression(node) {
      checkOpening(node);
      const [argument] = node.arguments;
      const isRequire = node.callee.type === 'Identifier' && node.callee.name === 'require';
      if (isRequire && argument) checkImport({ source: argument });
      isShutDown ||= isShutdownCall(node, sourceContext);
    },
    'Program:exit'() {
      if (firstOpening && !isShutDown) context.report(firstOpening);
    },
  };
}
