import type { TSESTree } from '@typescript-eslint/utils';
import { around, isWithin } from '../flow/home.js';
import type { Use } from '../flow/uses.js';
import type { Surroundings } from '../origin/origin.js';

/** Methods of a DisposableStack, which releases what it is given. */
const ADOPTING = new Set(['use', 'adopt', 'defer']);

/** `release`, or `Symbol.asyncDispose`, which is a key by its description. */
function isReleasing(key: string | undefined): boolean {
  return key === 'release' || key === undefined || key.endsWith('asyncDispose)');
}

/** Whether a value is an argument of `….release(…)`. */
export function isGivenToRelease({ parent }: TSESTree.Node, { keyOf }: Surroundings): boolean {
  if (parent?.type !== 'CallExpression' || parent.callee.type !== 'MemberExpression') return false;
  return keyOf(parent.callee) === 'release';
}

/** Whether a lease is given back: `lease.release()`, `pool.release(lease)`, `pool.release(lease.client)`. */
export function isRelease(use: Use, surroundings: Surroundings): boolean {
  if (use.kind === 'passed') return isGivenToRelease(use.node, surroundings);
  if (use.kind !== 'member') return false;
  if (use.key === 'client') return isGivenToRelease(use.node, surroundings);
  return use.call !== undefined && isReleasing(use.key);
}

/** Whether a lease gets an owner that releases it whatever happens: `await using`, a stack. */
export function isOwned(use: Use, { keyOf }: Surroundings): boolean {
  if (use.kind === 'disposed') return true;
  if (use.kind === 'member') return use.call === undefined && isReleasing(use.key); // stack.defer(lease.release)
  if (use.kind !== 'passed' || use.call.callee.type !== 'MemberExpression') return false;
  return ADOPTING.has(keyOf(use.call.callee) ?? '');
}

/** Whether a lease goes elsewhere: whoever gets it is to release it, or to keep it. */
export function isGivenAway({ kind }: Use): boolean {
  return kind === 'returned' || kind === 'kept' || kind === 'captured';
}

/** Whether code runs whatever happens in its try block. */
export function isInFinally(node: TSESTree.Node): boolean {
  return [...around(node)].some((above) => above.type === 'TryStatement' && isWithin(node, above.finalizer));
}

/** Whether code runs when something was thrown. */
export function isInCatch(node: TSESTree.Node): boolean {
  return [...around(node)].some(({ type }) => type === 'CatchClause');
}
