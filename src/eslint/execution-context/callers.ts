import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import type { FunctionNode } from '../data-flow/syntax-nodes.js';
import { type CallbackTiming, timingOfArgument } from './callback-timing.js';
import { type EnclosingFrame, enclosingFrames } from './enclosing-frames.js';
import { isLazy } from './lazy-initialisation.js';
import { isHandler, isStartupFunction, referencesTo } from './named-functions.js';

/** Properties that take the handler of a route, a job or a field. */
const HANDLER_KEY = /^(?:handler|handle|fetch|onRequest|preHandler|resolve|processor)$/;

/** Functions whose callers are looked up already. One question looks up each function once. */
type VisitedFunctions = Set<FunctionNode>;

/** Limit for one question. Only bundled code has longer chains of callers. */
const MAX_VISITED_FUNCTIONS = 200;

/** Whether a function runs for each request: it is a handler, is registered as one, or is called by one. */
export function isRunPerRequest(
  fn: FunctionNode,
  context: SourceContext,
  visited: VisitedFunctions = new Set(),
): boolean {
  if (visited.has(fn) || visited.size >= MAX_VISITED_FUNCTIONS) return false;
  return isHandler(fn, context) || isUsedByHandler(fn, context, visited);
}

/** Whether a function is registered as a handler, or is called by one. */
export function isUsedByHandler(
  fn: FunctionNode,
  context: SourceContext,
  visited: VisitedFunctions = new Set(),
): boolean {
  visited.add(fn);
  return referencesTo(fn, context).some((reference) => {
    if (!isCalled(reference)) return timingOfReference(reference, context) === 'perRequest';
    const call = reference.parent as TSESTree.CallExpression;
    return isInHandler(call, context, visited) && !isLazy(call, context);
  });
}

/** Whether code runs for each request: it is in a handler, or in a function that a handler calls. */
function isInHandler(node: TSESTree.Node, context: SourceContext, visited: VisitedFunctions): boolean {
  for (const frame of functionFramesOf(node, context)) {
    if (frame.kind === 'named') return isRunPerRequest(frame.fn, context, visited);
    if (frame.timing === 'perRequest') return true;
    if (frame.timing === 'once' || frame.timing === 'inTest') return false;
  }
  return false;
}

/** Whether a function runs when the module is loaded: by its name, or because it is called there. */
export function isRunAtStartup(
  fn: FunctionNode,
  context: SourceContext,
  visited: VisitedFunctions = new Set(),
): boolean {
  if (visited.has(fn) || visited.size >= MAX_VISITED_FUNCTIONS) return false;
  if (isStartupFunction(fn, context)) return true;
  visited.add(fn);
  return referencesTo(fn, context).some((reference) => {
    const timing = isCalled(reference) ? 'inline' : timingOfReference(reference, context);
    return ['inline', 'once'].includes(timing) && isInStartupCode(reference, context, visited);
  });
}

function isInStartupCode(node: TSESTree.Node, context: SourceContext, visited: VisitedFunctions): boolean {
  for (const frame of functionFramesOf(node, context)) {
    if (frame.kind === 'named') return isRunAtStartup(frame.fn, context, visited);
    if (frame.timing === 'once' || frame.timing === 'inTest') return true;
    if (frame.timing === 'perRequest') return false;
  }
  return true;
}

function functionFramesOf(
  node: TSESTree.Node,
  context: SourceContext,
): Exclude<EnclosingFrame, { kind: 'loop' }>[] {
  return [...enclosingFrames(node, context)].filter((frame) => frame.kind !== 'loop');
}

function isCalled(reference: TSESTree.Node): boolean {
  const { parent } = reference;
  return parent?.type === 'CallExpression' && parent.callee === reference;
}

/** Timing of a function that a reference passes on, as an argument or a property. */
function timingOfReference(reference: TSESTree.Node, context: SourceContext): CallbackTiming {
  const { parent } = reference;
  if (parent?.type === 'CallExpression' || parent?.type === 'NewExpression') {
    return timingOfArgument(reference, parent, context);
  }
  const key = parent?.type === 'Property' && parent.value === reference ? context.keyOf(parent) : undefined;
  return HANDLER_KEY.test(key ?? '') ? 'perRequest' : 'unknown';
}
