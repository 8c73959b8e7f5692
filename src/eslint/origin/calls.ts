import type { TSESTree } from '@typescript-eslint/utils';
import { isFunction } from './functions.js';
import { moduleLeads } from './imports.js';
import { isMemberOf } from './members.js';
import { ANY, CALL, type Lead, type Origin, type Steps, type Surroundings } from './origin.js';

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

const REQUIRE = [`createRequire.${CALL}`, `createRequire.${CALL}.main.require`];

/** Whether a value is `require`: the global one, `require.main.require`, or one that `createRequire()` made. */
function isRequire({ module, path }: Origin): boolean {
  return (
    /^(node:)?module$/.test(module) && REQUIRE.includes(path.filter((step) => step !== 'default').join('.'))
  );
}

function nameOf(callee: TSESTree.Node, { keyOf }: Surroundings): string | undefined {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type === 'SequenceExpression') return undefined;
  return callee.type === 'MemberExpression' ? keyOf(callee) : undefined;
}

/** Functions that give what they take, or one of what they take. */
function passedLeads(
  callee: TSESTree.MemberExpression,
  args: readonly TSESTree.Node[],
  steps: Steps,
): readonly Lead[] | undefined {
  if (isMemberOf(callee, 'Object', ['assign'])) return args.map((node) => ({ node, steps }));
  const isSame =
    isMemberOf(callee, 'Promise', ['all', 'resolve']) || isMemberOf(callee, 'Object', ['freeze', 'seal']);
  if (isSame) return args.slice(0, 1).map((node) => ({ node, steps }));
  if (isMemberOf(callee, 'Promise', ['allSettled'])) {
    const [element, outcome, ...rest] = steps;
    const isValue = element !== undefined && outcome === 'value';
    return isValue ? args.slice(0, 1).map((node) => ({ node, steps: [element, ...rest] })) : [];
  }
  const isOneOf = isMemberOf(callee, 'Promise', ['race', 'any']);
  return isOneOf ? args.slice(0, 1).map((node) => ({ node, steps: [ANY, ...steps] })) : undefined;
}

/** Methods that every value has, or that promises have, and what comes out of them. */
function methodLeads(
  callee: TSESTree.MemberExpression,
  args: readonly TSESTree.Node[],
  steps: Steps,
  surroundings: Surroundings,
): readonly Lead[] | undefined {
  const [first] = args;
  const name = nameOf(callee, surroundings);
  if (name === 'then') return isFunction(first) ? [{ node: first, steps: [CALL, ...steps] }] : [];
  if (name === 'catch' || name === 'finally' || name === 'bind') return [{ node: callee.object, steps }];
  if (name === 'call' || name === 'apply') return [{ node: callee.object, steps: [CALL, ...steps] }];
  const isConstructed = isMemberOf(callee, 'Reflect', ['construct']);
  if (isConstructed) return first ? [{ node: first, steps: [CALL, ...steps] }] : [];
  return passedLeads(callee, args, steps);
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
