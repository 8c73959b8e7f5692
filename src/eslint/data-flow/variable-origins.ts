import type { TSESTree } from '@typescript-eslint/utils';
import {
  ANY,
  CALL,
  type Definition,
  type OriginStep,
  type Steps,
  type SourceContext,
  type Variable,
} from './origin.js';
import { type FunctionNode, isFunction } from './syntax-nodes.js';

/** A value that is written somewhere; `steps` lead from it to the variable that is asked for. */
interface Ascent {
  readonly leads: readonly OriginStep[];
  /** Where to go on above: the pattern that this one stands in. */
  readonly up?: { readonly node: TSESTree.Node; readonly steps: Steps };
}

const END: Ascent = { leads: [] };

/** The value of a parameter, where the caller is in sight: `.then(m => …)`, `.map(m => …)` and `(function (m) { … })(value)`. */
function argumentLeads(
  fn: FunctionNode,
  at: number,
  steps: Steps,
  { keyOf }: SourceContext,
): readonly OriginStep[] {
  const call = fn.parent;
  if (call.type !== 'CallExpression') return [];
  if (call.callee === fn) return call.arguments.slice(at, at + 1).map((node) => ({ node, steps }));
  const { callee } = call;
  if (callee.type !== 'MemberExpression' || call.arguments[0] !== fn || at !== 0) return [];
  const name = keyOf(callee) ?? '';
  if (name === 'then') return [{ node: callee.object, steps }];
  return ['map', 'forEach', 'flatMap'].includes(name)
    ? [{ node: callee.object, steps: [ANY, ...steps] }]
    : [];
}

function fromLoop({ left, right }: TSESTree.ForOfStatement, node: TSESTree.Node, steps: Steps): Ascent {
  return left === node ? { leads: [{ node: right, steps: [ANY, ...steps] }] } : END;
}

function fromDeclarator(
  { id, init, parent }: TSESTree.VariableDeclarator,
  node: TSESTree.Node,
  steps: Steps,
): Ascent {
  if (id !== node) return END;
  if (init) return { leads: [{ node: init, steps }] };
  return parent.parent.type === 'ForOfStatement' ? fromLoop(parent.parent, parent, steps) : END;
}

/** One floor up: a value that is written here, or the pattern around. */
function ascend(node: TSESTree.Node, steps: Steps, surroundings: SourceContext): Ascent {
  const parent = node.parent;
  switch (parent?.type) {
    case 'AssignmentPattern':
      return parent.left === node
        ? { leads: [{ node: parent.right, steps }], up: { node: parent, steps } }
        : END;
    case 'AssignmentExpression':
      return parent.left === node && parent.operator.endsWith('=')
        ? { leads: [{ node: parent.right, steps }] }
        : END;
    case 'Property': {
      const key = surroundings.keyOf(parent);
      return key === undefined ? END : { leads: [], up: { node: parent.parent, steps: [key, ...steps] } };
    }
    case 'ArrayPattern':
      return {
        leads: [],
        up: { node: parent, steps: [String(parent.elements.indexOf(node as never)), ...steps] },
      };
    case 'RestElement':
      return parent.parent.type === 'ObjectPattern' ? { leads: [], up: { node: parent.parent, steps } } : END;
    case 'TSParameterProperty':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      return { leads: [], up: { node: parent, steps } };
    case 'VariableDeclarator':
      return fromDeclarator(parent, node, steps);
    case 'ForOfStatement':
      return fromLoop(parent, node, steps);
    default: {
      const at = isFunction(parent) ? parent.params.indexOf(node as never) : -1;
      return isFunction(parent) && at >= 0 ? { leads: argumentLeads(parent, at, steps, surroundings) } : END;
    }
  }
}

/** What is written to a name, wherever it stands in a pattern: the values, their defaults, and the steps to it. */
function bindingSteps(name: TSESTree.Node, steps: Steps, surroundings: SourceContext): readonly OriginStep[] {
  const leads: OriginStep[] = [];
  let at: Ascent['up'] = { node: name, steps };
  while (at) {
    const { leads: here, up }: Ascent = ascend(at.node, at.steps, surroundings);
    leads.push(...here);
    at = up;
  }
  return leads;
}

const REQUIRE = { module: 'node:module', source: undefined };

/** What a name means that no file declares. */
export function globalSteps(name: string, steps: Steps): readonly OriginStep[] {
  if (name === 'require') return [{ ...REQUIRE, path: ['createRequire', CALL, ...steps] }];
  if (name === 'module' && steps[0] === 'require')
    return [{ ...REQUIRE, path: ['createRequire', CALL, ...steps.slice(1)] }];
  return [];
}

/** `declare const require: …` says what is there anyhow. */
function isAmbient({ node, parent }: Definition): boolean {
  return [node, parent].some((one) => one && 'declare' in one && one.declare);
}

/** Where a declaration takes its value from; variables take theirs from what is written to them. */
function definitionLeads({ type, node, name }: Definition, steps: Steps, surroundings: SourceContext) {
  if (type === 'Parameter') return bindingSteps(name, steps, surroundings);
  return type === 'Variable' ? [] : [{ node, steps }];
}

/** Everything that a variable may hold, wherever it was written to; undefined for what stands for a global. */
export function variableSteps(
  { defs, references }: Variable,
  steps: Steps,
  surroundings: SourceContext,
): readonly OriginStep[] | undefined {
  if (defs.every(isAmbient)) return undefined;
  const written = references.filter((reference) => reference.isWrite());
  return [
    ...defs.flatMap((definition) => definitionLeads(definition, steps, surroundings)),
    ...written.flatMap(({ identifier }: { identifier: TSESTree.Node }) =>
      bindingSteps(identifier, steps, surroundings),
    ),
  ];
}
