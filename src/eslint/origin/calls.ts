import type { TSESTree } from '@typescript-eslint/utils';
import { isFunction } from './functions.js';
import { moduleLeads } from './imports.js';
import { CALL, type Lead, type Origin, type Steps, type Surroundings } from './origin.js';

/** What compilers and bundlers put around `require()`; they give the module, with a `default` at most. */
const INTEROP = new Set([
  '__importDefault',
  '__importStar',
  '__toESM',
  '_interopDefault',
  '_interopNamespace',
  '_interopRequireDefault',
  '_interopRequireWildcard',
  'interopDefault',
]);

/** Whether a value is `require`: the global one, or one that `createRequire()` made. */
function isRequire({ module, path }: Origin): boolean {
  return (
    /^(node:)?module$/.test(module) &&
    path.filter((step) => step !== 'default').join('.') === `createRequire.${CALL}`
  );
}

function nameOf(callee: TSESTree.Node, { keyOf }: Surroundings): string | undefined {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type === 'SequenceExpression') return undefined;
  return callee.type === 'MemberExpression' ? keyOf(callee) : undefined;
}

function isOf(callee: TSESTree.MemberExpression, object: string): boolean {
  return callee.object.type === 'Identifier' && callee.object.name === object;
}

/** Methods that every value has, or that promises have, and what comes out of them. */
function methodLeads(
  callee: TSESTree.MemberExpression,
  [first]: readonly TSESTree.Node[],
  steps: Steps,
  surroundings: Surroundings,
): readonly Lead[] | undefined {
  const name = nameOf(callee, surroundings);
  if (name === 'then') return isFunction(first) ? [{ node: first, steps: [CALL, ...steps] }] : [];
  if (name === 'catch' || name === 'finally' || name === 'bind') return [{ node: callee.object, steps }];
  if (name === 'call' || name === 'apply') return [{ node: callee.object, steps: [CALL, ...steps] }];
  const isPassed =
    (isOf(callee, 'Promise') && ['all', 'resolve'].includes(name ?? '')) ||
    (isOf(callee, 'Object') && ['freeze', 'seal'].includes(name ?? ''));
  if (isPassed) return first ? [{ node: first, steps }] : [];
  const isConstructed = isOf(callee, 'Reflect') && name === 'construct';
  if (isConstructed) return first ? [{ node: first, steps: [CALL, ...steps] }] : [];
  return undefined;
}

/** What a call gives: a module, what was passed through, what a function returns, or "what came out of" its callee. */
export function callLeads(
  { callee, arguments: args }: TSESTree.CallExpression,
  steps: Steps,
  surroundings: Surroundings,
): readonly Lead[] {
  const [first] = args;
  if (first && INTEROP.has(nameOf(callee, surroundings) ?? '')) return [{ node: first, steps }];
  if (first && surroundings.textOf(first) !== undefined && surroundings.originsOf(callee).some(isRequire)) {
    return moduleLeads(first, steps, surroundings);
  }
  const method =
    callee.type === 'MemberExpression' ? methodLeads(callee, args, steps, surroundings) : undefined;
  return method ?? [{ node: callee, steps: [CALL, ...steps] }];
}
