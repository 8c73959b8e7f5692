import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { DROP_IN_MODULE } from '../client-libraries.js';
import type { SourceContext } from '../data-flow/origin.js';
import type { CallNode } from '../data-flow/syntax-nodes.js';
import { createSourceContext, type Trace } from '../data-flow/trace-origin.js';
import { usesOf } from '../data-flow/value-uses.js';
import { hasExports, hasHashbang, isConfigurationFile, isMatchedByGlobs, isTestFile } from '../file-kinds.js';
import { isDropInMaker, isFactoryMaker } from '../opened-connections.js';
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

/** Adapters, which shut the factory down when their framework stops. */
const ADAPTER = /^redis-hygiene\/(?:express|fastify|nestjs|bullmq)$/;

/** Bootstrap modules of the project, as `redis-hygiene init` writes them. */
const BOOTSTRAP = /^(?:\.{1,2}\/|[@~]\/|#|src\/)(?:.*\/)?redis-hygiene[^/]*$/;

/** Whether a module shuts the factory down once it is imported. */
function isShutdownModule(module: string): boolean {
  return ADAPTER.test(module) || BOOTSTRAP.test(module);
}

/** Names of functions that stop what they get as an argument. */
const STOPPING_FUNCTION = /shut|clos|stop|exit|grace|clean|terminat|dispos|hook|signal/i;

/** Whether a call shuts a factory down, or passes it to a function that will: `redis.shutdown()`, `closeOnExit(redis)`. */
function isShutdownCall(call: TSESTree.CallExpression, context: SourceContext): boolean {
  const { callee, arguments: args } = call;
  const name = calleeNameOf(callee, context);
  if (callee.type === 'MemberExpression' && name === 'shutdown') return true;
  const origins = context.originsOf(callee);
  if (origins.some(({ module, path }) => isOurs(module) && path.at(-1) === 'installShutdownHooks'))
    return true;
  if (origins.some(({ module }) => isShutdownModule(module))) return true;
  const isFromUs = (node: TSESTree.Node) => context.originsOf(node).some(({ module }) => isOurs(module));
  return STOPPING_FUNCTION.test(name) && args.some(isFromUs);
}

function calleeNameOf(callee: TSESTree.Node, { keyOf }: SourceContext): string {
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' ? (keyOf(callee) ?? '') : '';
}

function isOurs(module: string): boolean {
  return module === packageName || module === DROP_IN_MODULE;
}
