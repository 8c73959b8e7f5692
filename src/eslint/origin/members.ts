import type { TSESTree } from '@typescript-eslint/utils';

/** Whether an expression is `object.name` or `object['name']`, for one of these names. */
export function isMemberOf(node: TSESTree.Node, object: string, names: readonly string[]): boolean {
  if (node.type !== 'MemberExpression') return false;
  if (node.object.type !== 'Identifier' || node.object.name !== object) return false;
  const { computed, property } = node;
  if (property.type === 'Literal') return names.includes(String(property.value));
  return !computed && property.type === 'Identifier' && names.includes(property.name);
}
