import type { TSESTree } from '@typescript-eslint/utils';
import { isMemberOf } from './origin/members.js';
import type { Trace } from './origin/trace.js';
import { exportedValues, type Export } from './reexports.js';

/** Whether an expression is `exports`, `module.exports`, or a member of these. */
function isExported(node: TSESTree.Node): boolean {
  if (node.type === 'Identifier') return node.name === 'exports';
  return (
    node.type === 'MemberExpression' && (isMemberOf(node, 'module', ['exports']) || isExported(node.object))
  );
}

/** An assignment to `module.exports`, `exports.name` or `module.exports.name`. */
export function isCommonJsExport({ left, operator }: TSESTree.AssignmentExpression): boolean {
  return (
    ['=', '||=', '&&=', '??='].includes(operator) && left.type === 'MemberExpression' && isExported(left)
  );
}

/** What `Object.assign(exports, …)` and a compiler's `__exportStar(…, exports)` give to others. */
export function copiedExports({ callee, arguments: args }: TSESTree.CallExpression, trace: Trace): Export[] {
  const [first, second] = args;
  if (!first || !second) return [];
  if (isMemberOf(callee, 'Object', ['assign']))
    return isExported(first) ? args.slice(1).flatMap((value) => exportedValues(value, trace)) : [];
  const name = callee.type === 'MemberExpression' ? callee.property : callee;
  const isStar = name.type === 'Identifier' && /^_?_exportStar$/.test(name.name);
  return isStar && isExported(second) ? exportedValues(first, trace) : [];
}
