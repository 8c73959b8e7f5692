import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { ancestorsOf, type CallNode } from '../data-flow/syntax-nodes.js';
import { createSourceContext, type Trace } from '../data-flow/trace-origin.js';
import {
  connectingLibraries,
  connectingLibrariesOf,
  type ConnectingLibrary,
} from '../library-options/library-table.js';
import { findPlainConnections } from '../library-options/plain-options.js';
import { defineRule, type RuleContext } from '../define-rule.js';

/** Finds libraries that get the address of a server, in place of enforced options or a client. */
export const noPlainConnection = defineRule({
  name: 'no-plain-connection',
  description: 'Libraries get enforced options or a client, and open no connections of their own',
  messages: {
    plain:
      'With this value, {{module}} opens connections that have no name, no heartbeat and no owner. Pass {{replacement}} instead.',
  },
  modules: [...new Set(connectingLibraries.flatMap(({ modules }) => modules))],
  create: createListener,
});

function createListener(context: RuleContext<'plain'>, trace: Trace): TSESLint.RuleListener {
  const sourceContext = createSourceContext(context.sourceCode, trace);
  const reported = new Set<TSESTree.Node>();
  const check = (
    library: TSESTree.Node,
    usage: ConnectingLibrary['usage'],
    args: readonly TSESTree.Node[],
  ) => {
    for (const origin of trace(library)) {
      const { module } = origin;
      for (const { places, replacement } of connectingLibrariesOf(origin, usage)) {
        for (const node of places.flatMap((place) => findPlainConnections(args, place, sourceContext))) {
          if (!reported.has(node))
            context.report({ node, messageId: 'plain', data: { module, replacement } });
          reported.add(node);
        }
      }
    }
  };
  const checkCall = (node: CallNode) => {
    check(calleeOf(node), 'called', node.arguments);
    for (const [index, argument] of node.arguments.entries()) {
      check(argument, 'passed', node.arguments.slice(index + 1, index + 2));
    }
  };
  return {
    CallExpression: checkCall,
    NewExpression: checkCall,
    Property(node) {
      if (node.parent.type === 'ObjectExpression') check(node.value, 'property', [node.parent]);
    },
  };
}

/** What a call runs. `super(…)` runs the constructor of the class that the one around it extends. */
function calleeOf({ callee }: CallNode): TSESTree.Node {
  if (callee.type !== 'Super') return callee;
  for (const above of ancestorsOf(callee)) {
    if (above.type === 'ClassDeclaration' || above.type === 'ClassExpression')
      return above.superClass ?? callee;
  }
  return callee;
}
