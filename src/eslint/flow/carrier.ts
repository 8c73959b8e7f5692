import type { TSESTree } from '@typescript-eslint/utils';
import type { Surroundings } from '../origin/origin.js';

/** Methods that give what they are called on: `createClient().on('error', log).connect()`. */
const FLUENT = new Set(['addListener', 'catch', 'connect', 'finally', 'on', 'once', 'setMaxListeners']);

const WRAPPERS = new Set([
  'AwaitExpression',
  'ChainExpression',
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
]);

/** The expression right above that has the same value. */
function above(node: TSESTree.Node, { keyOf }: Surroundings): TSESTree.Node | undefined {
  const parent = node.parent;
  if (!parent) return undefined;
  if (WRAPPERS.has(parent.type) || parent.type === 'LogicalExpression') return parent;
  if (parent.type === 'ConditionalExpression') return parent.test === node ? undefined : parent;
  if (parent.type === 'SequenceExpression') return parent.expressions.at(-1) === node ? parent : undefined;
  if (parent.type !== 'MemberExpression' || parent.object !== node) return undefined;
  const call = parent.parent;
  const isCalled = call.type === 'CallExpression' && call.callee === parent;
  return isCalled && FLUENT.has(keyOf(parent) ?? '') ? call : undefined;
}

/** Where the value of an expression has got to, and which methods were called on it on the way. */
export interface Carrier {
  readonly node: TSESTree.Node;
  readonly members: readonly TSESTree.MemberExpression[];
}

/** The outermost expression that still has the value of this one: past `await`, casts, `a ?? b` and chained calls. */
export function carrierOf(start: TSESTree.Node, surroundings: Surroundings): Carrier {
  const members: TSESTree.MemberExpression[] = [];
  for (let node = start; ;) {
    const next = above(node, surroundings);
    if (!next) return { node, members };
    if (next.type === 'CallExpression') members.push(next.callee as TSESTree.MemberExpression);
    node = next;
  }
}
