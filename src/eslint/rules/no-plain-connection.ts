import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { ancestorsOf } from '../data-flow/syntax-nodes.js';
import type { SourceContext } from '../data-flow/origin.js';
import { createSourceContext, type Trace } from '../data-flow/trace-origin.js';
import { plainIn } from '../library-options/plain-options.js';
import {
  type ConnectingLibrary,
  connectingLibraries,
  connectingLibrariesOf,
} from '../library-options/library-table.js';
import { type Context, defineRule } from '../rule.js';

type Call = TSESTree.CallExpression | TSESTree.NewExpression;

/** What a call calls: `super(…)` calls the class that its own one extends. */
function calledBy({ callee }: Call): TSESTree.Node {
  if (callee.type !== 'Super') return callee;
  for (const above of ancestorsOf(callee)) {
    if (above.type === 'ClassDeclaration' || above.type === 'ClassExpression')
      return above.superClass ?? callee;
  }
  return callee;
}

function createListener(context: Context<'plain'>, trace: Trace): TSESLint.RuleListener {
  const surroundings: SourceContext = createSourceContext(context.sourceCode, trace);
  const reported = new Set<TSESTree.Node>();
  const check = (
    taker: TSESTree.Node,
    how: ConnectingLibrary['how'],
    candidates: readonly TSESTree.Node[],
  ) => {
    for (const { module, ...origin } of trace(taker)) {
      for (const { places, hand } of connectingLibrariesOf({ module, ...origin }, how)) {
        for (const node of places.flatMap((place) => plainIn(candidates, place, surroundings))) {
          if (!reported.has(node)) context.report({ node, messageId: 'plain', data: { module, hand } });
          reported.add(node);
        }
      }
    }
  };
  const checkCall = (node: Call) => {
    check(calledBy(node), 'called', node.arguments);
    for (const [at, argument] of node.arguments.entries()) {
      check(argument, 'handed', node.arguments.slice(at + 1, at + 2));
    }
  };
  return {
    CallExpression: checkCall,
    NewExpression: checkCall,
    Property(node) {
      if (node.parent.type === 'ObjectExpression') check(node.value, 'named', [node.parent]);
    },
  };
}

/** Finds libraries that are told where Redis is, and not how this service connects to it. */
export const noPlainConnection = defineRule({
  name: 'no-plain-connection',
  description: 'Libraries get enforced options or a client, and open no connections of their own',
  messages: {
    plain:
      'With this, {{module}} opens connections that have no name, no heartbeat and no owner. Hand it {{hand}}.',
  },
  modules: [...new Set(connectingLibraries.flatMap(({ modules }) => modules))],
  create: createListener,
});
