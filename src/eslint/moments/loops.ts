import type { TSESTree } from '@typescript-eslint/utils';
import type { Surroundings } from '../origin/origin.js';
import type { Call } from './callbacks.js';

/** Whether a node is in the part of a loop that runs again and again. */
export function isRepeated(node: TSESTree.Node, loop: TSESTree.Node): boolean {
  switch (loop.type) {
    case 'WhileStatement':
    case 'DoWhileStatement':
      return true;
    case 'ForStatement':
      return loop.init !== node;
    case 'ForInStatement':
    case 'ForOfStatement':
      return loop.body === node;
    default:
      return false;
  }
}

/** Whether a list is written out in the file, so that its length is known: `['cache', 'sessions']`. */
function isWrittenOut(list: TSESTree.Node, { variableOf }: Surroundings): boolean {
  if (list.type === 'TSAsExpression') return isWrittenOut(list.expression, { variableOf } as Surroundings);
  if (list.type === 'ArrayExpression') {
    return list.elements.every((element) => element?.type !== 'SpreadElement');
  }
  const variable = list.type === 'Identifier' ? variableOf(list) : undefined;
  const definition = variable?.defs[0]?.node;
  if (definition?.type !== 'VariableDeclarator' || definition.parent.kind !== 'const') return false;
  const { init } = definition;
  const value = init?.type === 'TSAsExpression' ? init.expression : init;
  return value?.type === 'ArrayExpression' && isWrittenOut(value, { variableOf } as Surroundings);
}

/** Whether a loop goes over a list that is written out: it opens as many connections as somebody wrote down. */
export function isBoundedLoop(loop: TSESTree.Node, surroundings: Surroundings): boolean {
  return loop.type === 'ForOfStatement' && isWrittenOut(loop.right, surroundings);
}

/** The same for `['cache', 'sessions'].map(…)`. */
export function isBoundedCall({ callee }: Call, surroundings: Surroundings): boolean {
  return callee.type === 'MemberExpression' && isWrittenOut(callee.object, surroundings);
}
