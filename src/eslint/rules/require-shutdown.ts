import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { DROP_IN } from '../client-libraries.js';
import type { SourceContext } from '../data-flow/origin.js';
import { createSourceContext, type Trace } from '../data-flow/trace-origin.js';
import { usesOf } from '../data-flow/value-uses.js';
import { exportsSomething, hasHashbang, isAllowed, isConfiguration, isTest } from '../file-kinds.js';
import { isDropInMaker, isFactoryMaker, PACKAGE } from '../opened-connections.js';
import { type Context, defineRule } from '../rule.js';

/** What the configuration may say. */
interface Options {
  /** Globs of files that are started by themselves, whatever they export. */
  readonly entries?: readonly string[];
}

type Message = 'factory' | 'client';
type Call = TSESTree.CallExpression | TSESTree.NewExpression;

const schema: TSESLint.RuleMetaData<Message>['schema'] = [
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

const messages: Readonly<Record<Message, string>> = {
  factory:
    'Nothing in this entry stops the factory, so its connections are cut when the process ends. Call installShutdownHooks(factory), use an adapter, or await factory.shutdown().',
  client:
    'Nothing in this entry stops the clients of the drop-in, so they are cut when the process ends. Call installShutdownHooks(defaultFactory()), use an adapter, or await defaultFactory().shutdown().',
};

function isEntry(context: Context<Message>, entries: readonly string[]): boolean {
  if (isAllowed(context, entries)) return true;
  if (isTest(context) || isConfiguration(context)) return false;
  return hasHashbang(context.sourceCode) || !exportsSomething(context.sourceCode);
}

function createListener(context: Context<Message>, trace: Trace): TSESLint.RuleListener {
  const surroundings = createSourceContext(context.sourceCode, trace);
  let first: { readonly node: Call; readonly messageId: Message } | undefined;
  let isStopped = false;
  const open = (node: Call) => {
    const origins = trace(node.callee);
    const messageId = origins.some(isFactoryMaker) ? 'factory' : 'client';
    if (messageId === 'client' && !origins.some(isDropInMaker)) return;
    if (usesOf(node, surroundings).some(({ kind }) => kind === 'disposed')) isStopped = true;
    first ??= { node, messageId };
  };
  const take = ({ source }: { readonly source: TSESTree.Node }) => {
    isStopped ||= isStoppingModule(surroundings.textOf(source) ?? '');
  };
  return {
    ImportDeclaration: take,
    ImportExpression: take,
    NewExpression: open,
    CallExpression(node) {
      open(node);
      const [argument] = node.arguments;
      const isRequire = node.callee.type === 'Identifier' && node.callee.name === 'require';
      if (isRequire && argument) take({ source: argument });
      isStopped ||= isStop(node, surroundings);
    },
    'Program:exit'() {
      if (first && !isStopped) context.report(first);
    },
  };
}

/** Finds entries of an application that open connections and never close them in an orderly way. */
export const requireShutdown = defineRule<Message>({
  name: 'require-shutdown',
  description: 'An entry that opens connections also closes them',
  messages,
  schema,
  modules: [PACKAGE],
  create(context, trace) {
    const { entries = [] } = (context.options[0] ?? {}) as Options;
    return isEntry(context, entries) ? createListener(context, trace) : {};
  },
});

/** Adapters stop the factory when their framework stops. */
const ADAPTER = /^redis-hygiene\/(?:express|fastify|nestjs|bullmq)$/;

/** A bootstrap of the project, as `redis-hygiene init` writes one. */
const BOOTSTRAP = /^(?:\.{1,2}\/|[@~]\/|#|src\/)(?:.*\/)?redis-hygiene[^/]*$/;

/** Functions that are handed what they are to stop. */
const STOPPER = /shut|clos|stop|exit|grace|clean|terminat|dispos|hook|signal/i;

/** Whether an import takes care of the shutdown. */
function isStoppingModule(module: string): boolean {
  return ADAPTER.test(module) || BOOTSTRAP.test(module);
}

function isOurs(module: string): boolean {
  return module === PACKAGE || module === DROP_IN;
}

function nameOf(callee: TSESTree.Node, { keyOf }: SourceContext): string {
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' ? (keyOf(callee) ?? '') : '';
}

/** Whether a call stops a factory, or gives it to what will: `redis.shutdown()`, `closeOnExit(redis)`. */
function isStop(call: TSESTree.CallExpression, surroundings: SourceContext): boolean {
  const { callee, arguments: args } = call;
  const name = nameOf(callee, surroundings);
  if (callee.type === 'MemberExpression' && name === 'shutdown') return true;
  const from = surroundings.originsOf(callee);
  if (from.some(({ module, path }) => isOurs(module) && path.at(-1) === 'installShutdownHooks')) return true;
  if (from.some(({ module }) => isStoppingModule(module))) return true;
  const isGiven = (node: TSESTree.Node) => surroundings.originsOf(node).some(({ module }) => isOurs(module));
  return STOPPER.test(name) && args.some(isGiven);
}
