import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import { createSourceContext, type Trace } from '../data-flow/trace-origin.js';
import { unreleasedReasonOf, type UnreleasedReason } from '../lease-release.js';
import { isPool } from '../opened-connections.js';
import { defineRule, packageName, type RuleContext } from '../define-rule.js';

/** Options of the rule. */
interface Options {
  /** Names of variables and fields that hold pools, also pools that another file creates. */
  readonly pools?: readonly string[];
}

const schema: TSESLint.RuleMetaData<UnreleasedReason>['schema'] = [
  {
    type: 'object',
    additionalProperties: false,
    properties: {
      pools: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        uniqueItems: true,
        description: 'Names of variables and fields that hold pools, also pools that another file creates.',
      },
    },
  },
];

const ADVICE =
  'Call {{pool}}.use(async (client) => …) instead, declare the lease with `await using`, or release it in `finally`.';

/** Finds leases that are not always released. */
export const noFloatingLease = defineRule<UnreleasedReason>({
  name: 'no-floating-lease',
  description: 'A lease of a pool is always released, also after an error',
  messages: {
    unreleased: `This lease is never released, so its connection never returns to the pool. ${ADVICE}`,
    unguarded: `This lease is not released if the code before its release throws. ${ADVICE}`,
  },
  schema,
  modules: [packageName],
  textPattern: /\.\s*acquire\b/,
  create(context, trace) {
    const { pools = [] } = (context.options[0] ?? {}) as Options;
    return createListener(context, trace, pools);
  },
});

function createListener(context: RuleContext<UnreleasedReason>, trace: Trace, pools: readonly string[]) {
  const sourceContext = createSourceContext(context.sourceCode, trace);
  return {
    CallExpression(node: TSESTree.CallExpression): void {
      const { callee } = node;
      if (callee.type !== 'MemberExpression' || sourceContext.keyOf(callee) !== 'acquire') return;
      const isOurs = trace(callee.object).some(isPool) || isNamedPool(callee.object, pools, sourceContext);
      const messageId = isOurs ? unreleasedReasonOf(node, sourceContext) : undefined;
      if (!messageId) return;
      context.report({ node, messageId, data: { pool: context.sourceCode.getText(callee.object) } });
    },
  };
}

/** Whether an expression has one of the names that the options list as pools. */
function isNamedPool(node: TSESTree.Node, names: readonly string[], { keyOf }: SourceContext): boolean {
  if (node.type === 'Identifier') return names.includes(node.name);
  return node.type === 'MemberExpression' && names.includes(keyOf(node) ?? '');
}
