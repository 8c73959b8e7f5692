import type { TSESTree } from '@typescript-eslint/utils';
import { CALL, type Lead, type Steps, type Surroundings } from './origin.js';

/** Any function that has a body. */
export type FunctionNode =
  TSESTree.ArrowFunctionExpression | TSESTree.FunctionDeclaration | TSESTree.FunctionExpression;

/** Tells functions from all other nodes. */
export function isFunction(node: TSESTree.Node | undefined): node is FunctionNode {
  return (
    node?.type === 'ArrowFunctionExpression' ||
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression'
  );
}

/** A statement that may hold a `return` of the same function. */
function isStatement({ type }: TSESTree.Node): boolean {
  return /Statement$|^SwitchCase$|^CatchClause$/.test(type) && type !== 'ExpressionStatement';
}

function returned(node: TSESTree.Node, surroundings: Surroundings): TSESTree.Node[] {
  if (node.type === 'ReturnStatement') return node.argument ? [node.argument] : [];
  return surroundings
    .childrenOf(node)
    .filter(isStatement)
    .flatMap((child) => returned(child, surroundings));
}

/** What a call of this function gives: what it returns. */
export function returnLeads(fn: FunctionNode, steps: Steps, surroundings: Surroundings): readonly Lead[] {
  if (steps[0] !== CALL || fn.generator) return [];
  const values = fn.body.type === 'BlockStatement' ? returned(fn.body, surroundings) : [fn.body];
  return values.map((node) => ({ node, steps: steps.slice(1) }));
}
