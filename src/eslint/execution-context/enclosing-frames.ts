import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import { type FunctionNode, isFunction } from '../data-flow/syntax-nodes.js';
import {
  type Call,
  isHandlerLike,
  isPluginLike,
  type CallbackTiming,
  timingOf,
  timingOfInline,
} from './callback-timing.js';
import { nameOf } from './named-functions.js';

/** What a piece of code stands in, from within to without. */
export type EnclosingFrame =
  | { readonly kind: 'loop' }
  /** A function that is run by what it is handed to, or on the spot. */
  | { readonly kind: 'callback'; readonly fn: FunctionNode; readonly moment: CallbackTiming }
  /** A function that runs when somebody calls it by its name. */
  | { readonly kind: 'named'; readonly fn: FunctionNode; readonly name: string };

function isCall(node: TSESTree.Node): node is Call {
  return node.type === 'CallExpression' || node.type === 'NewExpression';
}

/** `(function () { … }).call(this)`. */
function isCalledAtOnce(member: TSESTree.Node, { keyOf }: SourceContext): boolean {
  if (member.type !== 'MemberExpression' || !['call', 'apply'].includes(keyOf(member) ?? '')) return false;
  return member.parent.type === 'CallExpression' && member.parent.callee === member;
}

function callbackFrame(fn: FunctionNode, call: Call, surroundings: SourceContext): EnclosingFrame {
  if (call.callee === fn) return { kind: 'callback', fn, moment: 'along' };
  const moment = timingOfInline(fn, call, surroundings);
  const isBounded = moment === 'each' && isBoundedCall(call, surroundings);
  return { kind: 'callback', fn, moment: isBounded ? 'along' : moment };
}

/** `test.extend({ redis: async ({}, use) => … })`: a fixture. */
function isFixture({ parent }: FunctionNode, surroundings: SourceContext): boolean {
  const call = parent.type === 'Property' ? parent.parent.parent : undefined;
  return (
    call?.type === 'CallExpression' && timingOf(parent.parent ?? parent, call, surroundings) === 'tested'
  );
}

function momentOfNameless(fn: FunctionNode): CallbackTiming {
  if (isPluginLike(fn)) return 'once';
  return isHandlerLike(fn) ? 'handled' : 'unknown';
}

function functionFrame(fn: FunctionNode, surroundings: SourceContext): EnclosingFrame {
  const { parent } = fn;
  if (isCall(parent)) return callbackFrame(fn, parent, surroundings);
  if (isCalledAtOnce(parent, surroundings)) return { kind: 'callback', fn, moment: 'along' };
  if (parent.type === 'MethodDefinition' && parent.kind === 'constructor') {
    return { kind: 'callback', fn, moment: 'once' };
  }
  if (isFixture(fn, surroundings)) return { kind: 'callback', fn, moment: 'tested' };
  const name = nameOf(fn, surroundings);
  return name === undefined
    ? { kind: 'callback', fn, moment: momentOfNameless(fn) }
    : { kind: 'named', fn, name };
}

/** The loops and functions around a node, the nearest first. */
export function* framesOf(
  start: TSESTree.Node,
  surroundings: SourceContext,
): Generator<EnclosingFrame, void> {
  for (let node = start; node.parent; node = node.parent) {
    const { parent } = node;
    if (isFunction(parent)) yield functionFrame(parent, surroundings);
    else if (isRepeated(node, parent) && !isBoundedLoop(parent, surroundings)) yield { kind: 'loop' };
  }
}

/** Whether a node is in the part of a loop that runs again and again. */
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

/** Whether a list is written out in the file, so that its length is known: `['cache', 'sessions']`. */
function isWrittenOut(list: TSESTree.Node, { variableOf }: SourceContext): boolean {
  if (list.type === 'TSAsExpression') return isWrittenOut(list.expression, { variableOf } as SourceContext);
  if (list.type === 'ArrayExpression') {
    return list.elements.every((element) => element?.type !== 'SpreadElement');
  }
  const variable = list.type === 'Identifier' ? variableOf(list) : undefined;
  const definition = variable?.defs[0]?.node;
  if (definition?.type !== 'VariableDeclarator' || definition.parent.kind !== 'const') return false;
  const { init } = definition;
  const value = init?.type === 'TSAsExpression' ? init.expression : init;
  return value?.type === 'ArrayExpression' && isWrittenOut(value, { variableOf } as SourceContext);
}

/** Whether a loop goes over a list that is written out: it opens as many connections as somebody wrote down. */
function isBoundedLoop(loop: TSESTree.Node, surroundings: SourceContext): boolean {
  return loop.type === 'ForOfStatement' && isWrittenOut(loop.right, surroundings);
}

/** The same for `['cache', 'sessions'].map(…)`. */
function isBoundedCall({ callee }: Call, surroundings: SourceContext): boolean {
  return callee.type === 'MemberExpression' && isWrittenOut(callee.object, surroundings);
}
