import type { TSESTree } from '@typescript-eslint/utils';
import { isFunction, type FunctionNode } from '../origin/functions.js';

/** Every node around a node, the nearest first. */
export function* around(node: TSESTree.Node): Generator<TSESTree.Node, void> {
  for (let above = node.parent; above; above = above.parent) yield above;
}

/** The function that a node runs in; undefined for the top level of the module. */
export function homeOf(node: TSESTree.Node): FunctionNode | undefined {
  for (const above of around(node)) if (isFunction(above)) return above;
  return undefined;
}

/** Whether a node is, or stands within, another one. */
export function isWithin(node: TSESTree.Node, outer: TSESTree.Node | null | undefined): boolean {
  if (!outer) return false;
  return node.range[0] >= outer.range[0] && node.range[1] <= outer.range[1];
}
