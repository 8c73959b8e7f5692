import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { isAllowed } from '../allowed-files.js';
import { isDropInMaker, isFactoryMaker, PACKAGE } from '../connections.js';
import { isConfiguration, isTest } from '../files.js';
import { usesOf } from '../flow/uses.js';
import { lookAround } from '../origin/surroundings.js';
import type { Trace } from '../origin/trace.js';
import { defineRule, type Context } from '../rule.js';
import { exportsSomething, hasHashbang } from '../shutdown/entry.js';
import { isStop, isStoppingModule } from '../shutdown/stops.js';

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
  const surroundings = lookAround(context.sourceCode, trace);
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
