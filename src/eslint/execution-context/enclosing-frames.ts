import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import { type CallNode, type FunctionNode, isFunction } from '../data-flow/syntax-nodes.js';
import {
  type CallbackTiming,
  hasHandlerParameters,
  hasPluginParameters,
  timingOfArgument,
  timingOfCallback,
} from './callback-timing.js';
import { functionNameOf, referencesTo } from './named-functions.js';

/** A loop or function around a node. */
export type EnclosingFrame =
  | { readonly kind: 'loop' }
  /** A function that runs where it is written, or is called by what it is passed to. */
  | { readonly kind: 'callback'; readonly fn: FunctionNode; readonly timing: CallbackTiming }
  /** A function that runs when it is called by its name. */
  | { readonly kind: 'named'; readonly fn: FunctionNode; readonly name: string };

/** The loops and functions around a node, the nearest first. */
export function* enclosingFrames(
  start: TSESTree.Node,
  context: SourceContext,
): Generator<EnclosingFrame, void> {
  for (let node = start; node.parent; node = node.parent) {
    const { parent } = node;
    if (isFunction(parent)) yield frameOfFunction(parent, context);
    else if (isRepeated(node, parent) && !isBoundedLoop(parent, context)) yield { kind: 'loop' };
  }
}

function frameOfFunction(fn: FunctionNode, context: SourceContext): EnclosingFrame {
  const { parent } = fn;
  if (isCall(parent)) return frameOfCallback(fn, parent, context);
  if (isCalledInPlace(parent, context)) return { kind: 'callback', fn, timing: 'inline' };
  if (parent.type === 'MethodDefinition' && parent.kind === 'constructor') {
    return { kind: 'callback', fn, timing: 'once' };
  }
  if (isFixture(fn, context)) return { kind: 'callback', fn, timing: 'inTest' };
  const name = functionNameOf(fn, context);
  return name === undefined
    ? { kind: 'callback', fn, timing: timingByParameters(fn) }
    : { kind: 'named', fn, name };
}

function isCall(node: TSESTree.Node): node is CallNode {
  return node.type === 'CallExpression' || node.type === 'NewExpression';
}

function frameOfCallback(fn: FunctionNode, call: CallNode, context: SourceContext): EnclosingFrame {
  if (call.callee === fn) return { kind: 'callback', fn, timing: 'inline' };
  const timing = timingOfCallback(fn, call, context);
  const isBounded = timing === 'perItem' && isBoundedIteration(call, context);
  return { kind: 'callback', fn, timing: isBounded ? 'inline' : timing };
}

/** Whether a member is called as in `(function () { … }).call(this)`. */
function isCalledInPlace(member: TSESTree.Node, { keyOf }: SourceContext): boolean {
  if (member.type !== 'MemberExpression' || !['call', 'apply'].includes(keyOf(member) ?? '')) return false;
  return member.parent.type === 'CallExpression' && member.parent.callee === member;
}

/** Whether a function is a fixture of tests, written there or named. */
function isFixture(fn: FunctionNode, context: SourceContext): boolean {
  return [fn, ...referencesTo(fn, context)].some((node) => isInFixtures(node, context));
}

/** Whether a node is a value in `test.extend({ redis: … })`, also in `[fixture, options]`. */
function isInFixtures({ parent }: TSESTree.Node, context: SourceContext): boolean {
  const property = parent?.type === 'ArrayExpression' ? parent.parent : parent;
  const fixtures = property?.type === 'Property' ? property.parent : undefined;
  const call = fixtures?.parent;
  return call?.type === 'CallExpression' && timingOfArgument(fixtures ?? call, call, context) === 'inTest';
}

function timingByParameters(fn: FunctionNode): CallbackTiming {
  if (hasPluginParameters(fn)) return 'once';
  return hasHandlerParameters(fn) ? 'perRequest' : 'unknown';
}

/** Whether a node is in the part of a loop that runs in each iteration. */
function isRepeated(node: TSESTree.Node, loop: TSESTree.Node): boolean {
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

/** Whether a loop iterates over a list of known length, so that the source shows how many connections it opens. */
function isBoundedLoop(loop: TSESTree.Node, context: SourceContext): boolean {
  return loop.type === 'ForOfStatement' && hasKnownLength(loop.right, context);
}

/** Whether a call iterates over a list of known length: `['cache', 'sessions'].map(…)`. */
function isBoundedIteration({ callee }: CallNode, context: SourceContext): boolean {
  return callee.type === 'MemberExpression' && hasKnownLength(callee.object, context);
}

/** Whether a list is an array literal without spread elements, or a constant that is one: `['cache', 'sessions']`. */
function hasKnownLength(list: TSESTree.Node, context: SourceContext): boolean {
  if (list.type === 'TSAsExpression') return hasKnownLength(list.expression, context);
  if (list.type === 'ArrayExpression') {
    return list.elements.every((element) => element?.type !== 'SpreadElement');
  }
  const variable = list.type === 'Identifier' ? context.variableOf(list) : undefined;
  const definition = variable?.defs[0]?.node;
  if (definition?.type !== 'VariableDeclarator' || definition.parent.kind !== 'const') return false;
  const { init } = definition;
  const value = init?.type === 'TSAsExpression' ? init.expression : init;
  return value?.type === 'ArrayExpression' && hasKnownLength(value, context);
}
