import type { TSESTree } from '@typescript-eslint/utils';
import { isFunction, type FunctionNode } from '../origin/functions.js';
import type { Surroundings } from '../origin/origin.js';
import { momentOf, momentOfInline, type Call, type Moment } from './callbacks.js';
import { isBoundedCall, isBoundedLoop, isRepeated } from './loops.js';
import { nameOf } from './named.js';
import { isHandlerLike, isPluginLike } from './parameters.js';

/** What a piece of code stands in, from within to without. */
export type Frame =
  | { readonly kind: 'loop' }
  /** A function that is run by what it is handed to, or on the spot. */
  | { readonly kind: 'callback'; readonly fn: FunctionNode; readonly moment: Moment }
  /** A function that runs when somebody calls it by its name. */
  | { readonly kind: 'named'; readonly fn: FunctionNode; readonly name: string };

function isCall(node: TSESTree.Node): node is Call {
  return node.type === 'CallExpression' || node.type === 'NewExpression';
}

/** `(function () { … }).call(this)`. */
function isCalledAtOnce(member: TSESTree.Node, { keyOf }: Surroundings): boolean {
  if (member.type !== 'MemberExpression' || !['call', 'apply'].includes(keyOf(member) ?? '')) return false;
  return member.parent.type === 'CallExpression' && member.parent.callee === member;
}

function callbackFrame(fn: FunctionNode, call: Call, surroundings: Surroundings): Frame {
  if (call.callee === fn) return { kind: 'callback', fn, moment: 'along' };
  const moment = momentOfInline(fn, call, surroundings);
  const isBounded = moment === 'each' && isBoundedCall(call, surroundings);
  return { kind: 'callback', fn, moment: isBounded ? 'along' : moment };
}

/** `test.extend({ redis: async ({}, use) => … })`: a fixture. */
function isFixture({ parent }: FunctionNode, surroundings: Surroundings): boolean {
  const call = parent.type === 'Property' ? parent.parent.parent : undefined;
  return (
    call?.type === 'CallExpression' && momentOf(parent.parent ?? parent, call, surroundings) === 'tested'
  );
}

function momentOfNameless(fn: FunctionNode): Moment {
  if (isPluginLike(fn)) return 'once';
  return isHandlerLike(fn) ? 'handled' : 'unknown';
}

function functionFrame(fn: FunctionNode, surroundings: Surroundings): Frame {
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
export function* framesOf(start: TSESTree.Node, surroundings: Surroundings): Generator<Frame, void> {
  for (let node = start; node.parent; node = node.parent) {
    const { parent } = node;
    if (isFunction(parent)) yield functionFrame(parent, surroundings);
    else if (isRepeated(node, parent) && !isBoundedLoop(parent, surroundings)) yield { kind: 'loop' };
  }
}
