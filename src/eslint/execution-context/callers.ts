import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import type { FunctionNode } from '../data-flow/syntax-nodes.js';
import { type CallbackTiming, timingOf } from './callback-timing.js';
import { type EnclosingFrame, framesOf } from './enclosing-frames.js';
import { isLazy } from './lazy-initialisation.js';
import { isHandler, isStarter, mentionsOf } from './named-functions.js';

/** Properties that take the handler of a route, a job or a field. */
const HANDLING_KEY = /^(?:handler|handle|fetch|onRequest|preHandler|resolve|processor)$/;

type Functions = ReadonlySet<FunctionNode>;

function isCalled(mention: TSESTree.Node): boolean {
  const { parent } = mention;
  return parent?.type === 'CallExpression' && parent.callee === mention;
}

/** When a function runs that is named, and not called: as an argument, as a property. */
function momentOfMention(mention: TSESTree.Node, surroundings: SourceContext): CallbackTiming {
  const { parent } = mention;
  if (parent?.type === 'CallExpression' || parent?.type === 'NewExpression') {
    return timingOf(mention, parent, surroundings);
  }
  const key =
    parent?.type === 'Property' && parent.value === mention ? surroundings.keyOf(parent) : undefined;
  return HANDLING_KEY.test(key ?? '') ? 'handled' : 'unknown';
}

function functionsAround(
  node: TSESTree.Node,
  surroundings: SourceContext,
): Exclude<EnclosingFrame, { kind: 'loop' }>[] {
  return [...framesOf(node, surroundings)].filter((frame) => frame.kind !== 'loop');
}

/** Whether code runs for each request: in a handler, or in a function that one calls. */
function isHandledAt(node: TSESTree.Node, surroundings: SourceContext, seen: Functions): boolean {
  for (const frame of functionsAround(node, surroundings)) {
    if (frame.kind === 'named') return isHandled(frame.fn, surroundings, seen);
    if (frame.moment === 'handled') return true;
    if (frame.moment === 'once' || frame.moment === 'tested') return false;
  }
  return false;
}

/** Whether a function runs for each request: it is a handler, is registered as one, or is called by one. */
export function isHandled(
  fn: FunctionNode,
  surroundings: SourceContext,
  seen: Functions = new Set(),
): boolean {
  if (seen.has(fn)) return false;
  return isHandler(fn, surroundings) || isUsedByHandler(fn, surroundings, seen);
}

/** The same, but for what the function is itself. */
export function isUsedByHandler(
  fn: FunctionNode,
  surroundings: SourceContext,
  seen: Functions = new Set(),
): boolean {
  const known = new Set([...seen, fn]);
  return mentionsOf(fn, surroundings).some((mention) => {
    if (!isCalled(mention)) return momentOfMention(mention, surroundings) === 'handled';
    const call = mention.parent as TSESTree.CallExpression;
    return isHandledAt(call, surroundings, known) && !isLazy(call, surroundings);
  });
}

function isStartedAt(node: TSESTree.Node, surroundings: SourceContext, seen: Functions): boolean {
  for (const frame of functionsAround(node, surroundings)) {
    if (frame.kind === 'named') return isStarted(frame.fn, surroundings, seen);
    if (frame.moment === 'once' || frame.moment === 'tested') return true;
    if (frame.moment === 'handled') return false;
  }
  return true;
}

/** Whether a function runs when the module is loaded: its name says so, or somebody calls it there. */
export function isStarted(
  fn: FunctionNode,
  surroundings: SourceContext,
  seen: Functions = new Set(),
): boolean {
  if (seen.has(fn)) return false;
  if (isStarter(fn, surroundings)) return true;
  const known = new Set([...seen, fn]);
  return mentionsOf(fn, surroundings).some((mention) => {
    const moment = isCalled(mention) ? 'along' : momentOfMention(mention, surroundings);
    return ['along', 'once'].includes(moment) && isStartedAt(mention, surroundings, known);
  });
}
