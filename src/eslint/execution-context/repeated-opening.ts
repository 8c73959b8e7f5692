import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import { ancestorsOf, type CallNode, type FunctionNode } from '../data-flow/syntax-nodes.js';
import { type Use, usesOf } from '../data-flow/value-uses.js';
import { isRunAtStartup, isRunPerRequest, isUsedByHandler } from './callers.js';
import { type EnclosingFrame, enclosingFrames } from './enclosing-frames.js';
import { isLazy } from './lazy-initialisation.js';

/** Why a connection is opened again and again. */
export type RepeatedOpening =
  | { readonly kind: 'inLoop' }
  | { readonly kind: 'inHandler' }
  | { readonly kind: 'inCalledFunction'; readonly name: string }
  | { readonly kind: 'inFunction'; readonly name: string };

/** Why a call opens connections again and again; undefined if it runs once, as far as this file shows. */
export function repeatedOpeningOf(call: CallNode, context: SourceContext): RepeatedOpening | undefined {
  const frames = [...enclosingFrames(call, context)];
  if (frames.length === 0 || frames.some(isTestFrame) || isLazy(call, context)) return undefined;
  for (const frame of frames) {
    if (frame.kind === 'loop') return { kind: 'inLoop' };
    if (frame.kind === 'named') return repeatedOpeningInFunction(call, frame.fn, frame.name, context);
    if (frame.timing === 'perItem') return { kind: 'inLoop' };
    if (frame.timing === 'perRequest') return { kind: 'inHandler' };
    if (frame.timing === 'once') return undefined;
    if (frame.timing === 'unknown' && isLeftOpen(call, context)) return undefined;
  }
  return undefined;
}

function isTestFrame(frame: EnclosingFrame): boolean {
  return frame.kind === 'callback' && frame.timing === 'inTest';
}

function repeatedOpeningInFunction(
  call: CallNode,
  fn: FunctionNode,
  name: string,
  context: SourceContext,
): RepeatedOpening | undefined {
  if (isUsedByHandler(fn, context)) return { kind: 'inCalledFunction', name };
  // A function such as `connect(ctx)` that returns the client is a factory, whatever its parameters.
  if (isRunPerRequest(fn, context) && !isReturned(call, context)) return { kind: 'inHandler' };
  if (isRunAtStartup(fn, context) || isLeftOpen(call, context)) return undefined;
  return { kind: 'inFunction', name };
}

function isReturned(call: CallNode, context: SourceContext): boolean {
  return usesOf(call, context).some(({ kind }) => kind === 'returned');
}

/** Whether a connection is meant to outlive the function: returned, stored, listening, or passed on and not closed. */
function isLeftOpen(call: CallNode, context: SourceContext): boolean {
  const uses = usesOf(call, context);
  if (uses.some(({ kind }) => kind === 'returned' || kind === 'stored')) return true;
  if (uses.some(isClosing)) return false;
  if (uses.some(isListening)) return true;
  return uses.some((use) => use.kind === 'passed' || (use.kind === 'captured' && isUsedLater(use, context)));
}

const CLOSING_METHOD = /^(?:quit|disconnect|close|destroy|end|shutdown|dispose)$/;

function isClosing(use: Use): boolean {
  return use.kind === 'disposed' || (use.kind === 'member' && CLOSING_METHOD.test(use.key ?? ''));
}

const LISTENING_METHOD = /^p?s?subscribe$|^monitor$/;

/** Whether a use keeps listening: a subscription, or a command in an endless loop. */
function isListening(use: Use): boolean {
  if (use.kind !== 'member') return false;
  return LISTENING_METHOD.test(use.key ?? '') || [...ancestorsOf(use.node)].some(isEndlessLoop);
}

function isEndlessLoop(node: TSESTree.Node): boolean {
  if (node.type === 'ForStatement') return !node.test;
  return node.type === 'WhileStatement' && node.test.type === 'Literal' && node.test.value === true;
}

/** Whether the nested function that captures a value may run after the function around it has returned. */
function isUsedLater(use: Use, context: SourceContext): boolean {
  const [frame] = enclosingFrames(use.node, context);
  return frame?.kind !== 'callback' || !['inline', 'perItem'].includes(frame.timing);
}
