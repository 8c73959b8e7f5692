import type { TSESTree } from '@typescript-eslint/utils';

/** A function that has a body. */
export type FunctionNode =
  TSESTree.ArrowFunctionExpression | TSESTree.FunctionDeclaration | TSESTree.FunctionExpression;

/** A call or a construction. */
export type CallNode = TSESTree.CallExpression | TSESTree.NewExpression;

/** Whether a node is a function that has a body. */
export function isFunction(node: TSESTree.Node | undefined): node is FunctionNode {
  return (
    node?.type === 'ArrowFunctionExpression' ||
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression'
  );
}

/** Whether a node is a statement that may contain a `return` of the function around it. */
export function isStatement({ type }: TSESTree.Node): boolean {
  return /Statement$|^SwitchCase$|^CatchClause$/.test(type) && type !== 'ExpressionStatement';
}

/** Whether an expression is `object.name` or `object['name']`, for one of these names. */
export function isMemberOf(node: TSESTree.Node, object: string, names: readonly string[]): boolean {
  if (node.type !== 'MemberExpression') return false;
  if (node.object.type !== 'Identifier' || node.object.name !== object) return false;
  const { computed, property } = node;
  if (property.type === 'Literal') return names.includes(String(property.value));
  return !computed && property.type === 'Identifier' && names.includes(property.name);
}

/** Ancestors of a node, the nearest first. */
export function* ancestorsOf(node: TSESTree.Node): Generator<TSESTree.Node, void> {
  for (let above = node.parent; above; above = above.parent) yield above;
}

/** The function that a node runs in; undefined for the top level of the module. */
export function enclosingFunction(node: TSESTree.Node): FunctionNode | undefined {
  for (const above of ancestorsOf(node)) if (isFunction(above)) return above;
  return undefined;
}

/** Whether a node is another node, or stands within it. */
export function isWithin(node: TSESTree.Node, outer: TSESTree.Node | null | undefined): boolean {
  if (!outer) return false;
  return node.range[0] >= outer.range[0] && node.range[1] <= outer.range[1];
}
