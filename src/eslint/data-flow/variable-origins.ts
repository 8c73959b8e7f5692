import type { TSESTree } from '@typescript-eslint/utils';
import {
  type AccessPath,
  ANY,
  CALL,
  type Definition,
  type OriginStep,
  type SourceContext,
  type Variable,
} from './origin.js';
import { type FunctionNode, isFunction } from './syntax-nodes.js';

/** Steps to all values that a variable may hold; undefined for a variable that only declares a global. */
export function variableSteps(
  variable: Variable,
  path: AccessPath,
  context: SourceContext,
): readonly OriginStep[] | undefined {
  const { defs } = variable;
  if (defs.every(isAmbient)) return undefined;
  return [
    ...defs.flatMap((definition) => definitionSteps(definition, path, context)),
    ...writesTo(variable).flatMap((identifier) => bindingSteps(identifier, path, context)),
  ];
}

const writes = new WeakMap<Variable, readonly TSESTree.Node[]>();

/** Identifiers that write to a variable. Its references are searched once: a variable of a bundle has thousands. */
function writesTo(variable: Variable): readonly TSESTree.Node[] {
  const known = writes.get(variable);
  if (known) return known;
  const identifiers = variable.references
    .filter((reference) => reference.isWrite())
    .map(({ identifier }) => identifier);
  writes.set(variable, identifiers);
  return identifiers;
}

/** Whether a declaration defines nothing: `declare const require: …`. */
function isAmbient({ node, parent }: Definition): boolean {
  return [node, parent].some((one) => one && 'declare' in one && one.declare);
}

/** Steps from a declaration. A variable's values are found by the writes to it, its initial value among them. */
function definitionSteps({ type, node, name }: Definition, path: AccessPath, context: SourceContext) {
  if (type === 'Parameter') return bindingSteps(name, path, context);
  return type === 'Variable' ? [] : [{ node, path }];
}

const CREATE_REQUIRE = { module: 'node:module', source: undefined };

/** Steps from a name that the file does not declare. Known are `require` and `module.require`. */
export function globalSteps(name: string, path: AccessPath): readonly OriginStep[] {
  if (name === 'require') return [{ ...CREATE_REQUIRE, path: ['createRequire', CALL, ...path] }];
  if (name === 'module' && path[0] === 'require')
    return [{ ...CREATE_REQUIRE, path: ['createRequire', CALL, ...path.slice(1)] }];
  return [];
}

/** A level of a pattern: what is directly around a node of it. */
interface PatternLevel {
  /** Steps to values that are assigned here. */
  readonly steps: readonly OriginStep[];
  /** The node around, if it is part of the same pattern, and the path from its value to the variable. */
  readonly outer?: { readonly node: TSESTree.Node; readonly path: AccessPath };
}

const NO_VALUES: PatternLevel = { steps: [] };

/** Steps to the values that are assigned to a name in a pattern, and to their defaults. */
function bindingSteps(name: TSESTree.Node, path: AccessPath, context: SourceContext): readonly OriginStep[] {
  const steps: OriginStep[] = [];
  let current: PatternLevel['outer'] = { node: name, path };
  while (current) {
    const level: PatternLevel = levelAround(current.node, current.path, context);
    steps.push(...level.steps);
    current = level.outer;
  }
  return steps;
}

function levelAround(node: TSESTree.Node, path: AccessPath, context: SourceContext): PatternLevel {
  const parent = node.parent;
  switch (parent?.type) {
    case 'AssignmentPattern':
      return parent.left === node
        ? { steps: [{ node: parent.right, path }], outer: { node: parent, path } }
        : NO_VALUES;
    case 'AssignmentExpression':
      return parent.left === node && parent.operator.endsWith('=')
        ? { steps: [{ node: parent.right, path }] }
        : NO_VALUES;
    case 'Property': {
      const key = context.keyOf(parent);
      return key === undefined
        ? NO_VALUES
        : { steps: [], outer: { node: parent.parent, path: [key, ...path] } };
    }
    case 'ArrayPattern':
      return {
        steps: [],
        outer: { node: parent, path: [String(parent.elements.indexOf(node as never)), ...path] },
      };
    case 'RestElement':
      return parent.parent.type === 'ObjectPattern'
        ? { steps: [], outer: { node: parent.parent, path } }
        : NO_VALUES;
    case 'TSParameterProperty':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      return { steps: [], outer: { node: parent, path } };
    case 'VariableDeclarator':
      return inDeclarator(parent, node, path);
    case 'ForOfStatement':
      return inLoop(parent, node, path);
    default: {
      const index = isFunction(parent) ? parent.params.indexOf(node as never) : -1;
      return isFunction(parent) && index >= 0
        ? { steps: argumentSteps(parent, index, path, context) }
        : NO_VALUES;
    }
  }
}

function inDeclarator(
  { id, init, parent }: TSESTree.VariableDeclarator,
  node: TSESTree.Node,
  path: AccessPath,
): PatternLevel {
  if (id !== node) return NO_VALUES;
  if (init) return { steps: [{ node: init, path }] };
  return parent.parent.type === 'ForOfStatement' ? inLoop(parent.parent, parent, path) : NO_VALUES;
}

function inLoop(
  { left, right }: TSESTree.ForOfStatement,
  node: TSESTree.Node,
  path: AccessPath,
): PatternLevel {
  return left === node ? { steps: [{ node: right, path: [ANY, ...path] }] } : NO_VALUES;
}

/** Steps to the argument for a parameter of `.then(m => …)`, `.map(m => …)` or `(function (m) { … })(value)`. */
function argumentSteps(
  fn: FunctionNode,
  index: number,
  path: AccessPath,
  { keyOf }: SourceContext,
): readonly OriginStep[] {
  const call = fn.parent;
  if (call.type !== 'CallExpression') return [];
  if (call.callee === fn) return call.arguments.slice(index, index + 1).map((node) => ({ node, path }));
  const { callee } = call;
  if (callee.type !== 'MemberExpression' || call.arguments[0] !== fn || index !== 0) return [];
  const name = keyOf(callee) ?? '';
  if (name === 'then') return [{ node: callee.object, path }];
  return ['map', 'forEach', 'flatMap'].includes(name) ? [{ node: callee.object, path: [ANY, ...path] }] : [];
}
