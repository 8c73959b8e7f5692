import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import { ancestorsOf, type FunctionNode } from '../data-flow/syntax-nodes.js';
import { type Use, usesOf } from '../data-flow/value-uses.js';
import type { Call } from './callback-timing.js';
import { isHandled, isStarted, isUsedByHandler } from './callers.js';
import { type EnclosingFrame, framesOf } from './enclosing-frames.js';
import { isLazy } from './lazy-initialisation.js';

/** Why something is opened too often. */
export type RepeatedOpening =
  | { readonly kind: 'inLoop' }
  | { readonly kind: 'inHandler' }
  | { readonly kind: 'inCalledFunction'; readonly name: string }
  | { readonly kind: 'inFunction'; readonly name: string };

const CLOSING = /^(?:quit|disconnect|close|destroy|end|shutdown|dispose)$/;

function isClosing(use: Use): boolean {
  return use.kind === 'disposed' || (use.kind === 'member' && CLOSING.test(use.key ?? ''));
}

const LISTENING = /^p?s?subscribe$|^monitor$/;

/** Whether something is opened to listen for good: it has a subscription, or is asked in a loop without end. */
function isListening(use: Use): boolean {
  if (use.kind !== 'member') return false;
  return LISTENING.test(use.key ?? '') || [...ancestorsOf(use.node)].some(isEndless);
}

function isEndless(node: TSESTree.Node): boolean {
  if (node.type === 'ForStatement') return !node.test;
  return node.type === 'WhileStatement' && node.test.type === 'Literal' && node.test.value === true;
}

/** Whether a function within lives on: one that runs on the spot uses a value, and forgets it. */
function outlives(use: Use, surroundings: SourceContext): boolean {
  const [frame] = framesOf(use.node, surroundings);
  return frame?.kind !== 'callback' || !['along', 'each'].includes(frame.moment);
}

/** Whether a function opens something for others: it gives it back, keeps it, or hands it on and does not close it. */
function isForOthers(call: Call, surroundings: SourceContext): boolean {
  const uses = usesOf(call, surroundings);
  if (uses.some(({ kind }) => kind === 'returned' || kind === 'kept')) return true;
  if (uses.some(isClosing)) return false;
  if (uses.some(isListening)) return true;
  return uses.some(
    (use) => use.kind === 'passed' || (use.kind === 'captured' && outlives(use, surroundings)),
  );
}

function isGivenBack(call: Call, surroundings: SourceContext): boolean {
  return usesOf(call, surroundings).some(({ kind }) => kind === 'returned');
}

function inNamed(
  call: Call,
  fn: FunctionNode,
  name: string,
  surroundings: SourceContext,
): RepeatedOpening | undefined {
  if (isUsedByHandler(fn, surroundings)) return { kind: 'inCalledFunction', name };
  // `connect(ctx)` that gives the client back is a factory, whatever it takes.
  if (isHandled(fn, surroundings) && !isGivenBack(call, surroundings)) return { kind: 'inHandler' };
  if (isStarted(fn, surroundings) || isForOthers(call, surroundings)) return undefined;
  return { kind: 'inFunction', name };
}

function isTested(frame: EnclosingFrame): boolean {
  return frame.kind === 'callback' && frame.moment === 'tested';
}

/** Why a call opens too much; undefined where it runs once, as far as this file shows. */
export function repeatedOpeningOf(call: Call, surroundings: SourceContext): RepeatedOpening | undefined {
  const frames = [...framesOf(call, surroundings)];
  if (frames.length === 0 || frames.some(isTested) || isLazy(call, surroundings)) return undefined;
  for (const frame of frames) {
    if (frame.kind === 'loop') return { kind: 'inLoop' };
    if (frame.kind === 'named') return inNamed(call, frame.fn, frame.name, surroundings);
    if (frame.moment === 'each') return { kind: 'inLoop' };
    if (frame.moment === 'handled') return { kind: 'inHandler' };
    if (frame.moment === 'once') return undefined;
    if (frame.moment === 'unknown' && isForOthers(call, surroundings)) return undefined;
  }
  return undefined;
}
