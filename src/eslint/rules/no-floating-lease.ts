import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { isPool, PACKAGE } from '../opened-connections.js';
import { unreleasedReason } from '../lease-release.js';
import type { SourceContext } from '../data-flow/origin.js';
import { createSourceContext, type Trace } from '../data-flow/trace-origin.js';
import { type Context, defineRule } from '../rule.js';

/** What the configuration may say. */
interface Options {
  /** Names of variables and fields that hold pools which this file does not make. */
  readonly pools?: readonly string[];
}

type Message = 'unreleased' | 'unguarded';

const schema: TSESLint.RuleMetaData<Message>['schema'] = [
  {
    type: 'object',
    additionalProperties: false,
    properties: {
      pools: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        uniqueItems: true,
        description: 'Names of variables and fields that hold pools, also where the file does not make them.',
      },
    },
  },
];

const ADVICE =
  'Let {{pool}}.use(async (client) => …) do it, or write `await using`, or release it in `finally`.';

/** Whether what stands before `.acquire()` is called as a pool is, in the configuration. */
function isNamedPool(node: TSESTree.Node, names: readonly string[], { keyOf }: SourceContext): boolean {
  if (node.type === 'Identifier') return names.includes(node.name);
  return node.type === 'MemberExpression' && names.includes(keyOf(node) ?? '');
}

function createListener(context: Context<Message>, trace: Trace, pools: readonly string[]) {
  const surroundings = createSourceContext(context.sourceCode, trace);
  return {
    CallExpression(node: TSESTree.CallExpression): void {
      const { callee } = node;
      if (callee.type !== 'MemberExpression' || surroundings.keyOf(callee) !== 'acquire') return;
      const isOurs = trace(callee.object).some(isPool) || isNamedPool(callee.object, pools, surroundings);
      const messageId = isOurs ? unreleasedReason(node, surroundings) : undefined;
      if (!messageId) return;
      context.report({ node, messageId, data: { pool: context.sourceCode.getText(callee.object) } });
    },
  };
}

/** Finds leases that do not come back whatever happens. */
export const noFloatingLease = defineRule<Message>({
  name: 'no-floating-lease',
  description: 'A lease of a pool is released whatever happens',
  messages: {
    unreleased: `Nothing releases this lease, so its connection never comes back. ${ADVICE}`,
    unguarded: `This lease is released only if nothing throws before. ${ADVICE}`,
  },
  schema,
  modules: [PACKAGE],
  words: /\.\s*acquire\b/,
  create(context, trace) {
    const { pools = [] } = (context.options[0] ?? {}) as Options;
    return createListener(context, trace, pools);
  },
});
