import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from './data-flow/origin.js';
import { ancestorsOf, isFunction, isWithin } from './data-flow/syntax-nodes.js';
import { type Use, usesOf, usesOfParameter } from './data-flow/value-uses.js';

/** Why a lease may never come back. */
export type UnreleasedReason =
  /** Nothing releases it. */
  | 'unreleased'
  /** It is released, but not if something throws before. */
  | 'unguarded';

/** The uses of a lease, and those of its client where it was taken out of the lease: who releases it takes either. */
function withClient(uses: readonly Use[], surroundings: SourceContext): readonly Use[] {
  const clients = uses.flatMap((use) =>
    use.kind === 'unpacked' ? clientsIn(use.pattern, surroundings) : [],
  );
  const own = clients.flatMap((client) => usesOfParameter(client, surroundings));
  return [...uses, ...own.filter(({ node }) => isGivenToRelease(node, surroundings))];
}

/** `const { client: name } = …` */
function clientsIn(pattern: TSESTree.Node, { keyOf }: SourceContext): readonly TSESTree.Identifier[] {
  if (pattern.type !== 'ObjectPattern') return [];
  return pattern.properties.flatMap((property) =>
    property.type === 'Property' && keyOf(property) === 'client' && property.value.type === 'Identifier'
      ? [property.value]
      : [],
  );
}

function judge(all: readonly Use[], surroundings: SourceContext): UnreleasedReason | undefined {
  const uses = withClient(all, surroundings);
  if (uses.some((use) => isOwned(use, surroundings) || isGivenAway(use))) return undefined;
  if (uses.some((use) => use.kind === 'unpacked' && takesRelease(use.pattern, surroundings)))
    return undefined;
  const releases = uses.filter((use) => isRelease(use, surroundings)).map(({ node }) => node);
  if (releases.length === 0) return uses.some(({ kind }) => kind === 'passed') ? undefined : 'unreleased';
  if (releases.some(isInFinally)) return undefined;
  // Once when it went well, and once when it did not.
  const isOnBothWays = releases.some(isInCatch) && !releases.every(isInCatch);
  return isOnBothWays ? undefined : 'unguarded';
}

/** `const { client, release } = …`: who takes that apart has plans with it. */
function takesRelease(pattern: TSESTree.Node, { keyOf }: SourceContext): boolean {
  if (pattern.type !== 'ObjectPattern') return true;
  return pattern.properties.some((property) => property.type !== 'Property' || keyOf(property) === 'release');
}

/** `acquire().then((lease) => …)`: the lease is a parameter. */
function judgeThen(call: TSESTree.CallExpression, surroundings: SourceContext): UnreleasedReason | undefined {
  const [fn] = call.arguments;
  if (!isFunction(fn)) return undefined;
  const [lease] = fn.params;
  if (lease === undefined) return 'unreleased';
  if (lease.type === 'ObjectPattern')
    return judge([{ kind: 'unpacked', node: lease, pattern: lease }], surroundings);
  return lease.type === 'Identifier' ? judge(usesOfParameter(lease, surroundings), surroundings) : undefined;
}

/** Why the lease that a call of `acquire()` gives may never come back; undefined if somebody takes care of it. */
export function unreleasedReason(
  acquire: TSESTree.CallExpression,
  surroundings: SourceContext,
): UnreleasedReason | undefined {
  const uses = usesOf(acquire, surroundings);
  const then = uses.find((use) => use.kind === 'member' && use.key === 'then');
  return then?.kind === 'member' && then.call?.type === 'CallExpression'
    ? judgeThen(then.call, surroundings)
    : judge(uses, surroundings);
}

/** Methods of a DisposableStack, which releases what it is given. */
const ADOPTING = new Set(['use', 'adopt', 'defer']);

/** `release`, or `Symbol.asyncDispose`, which is a key by its description. */
function isReleasing(key: string | undefined): boolean {
  return key === 'release' || key === undefined || key.endsWith('asyncDispose)');
}

/** Whether a value is an argument of `….release(…)`. */
function isGivenToRelease({ parent }: TSESTree.Node, { keyOf }: SourceContext): boolean {
  if (parent?.type !== 'CallExpression' || parent.callee.type !== 'MemberExpression') return false;
  return keyOf(parent.callee) === 'release';
}

/** Whether a lease is given back: `lease.release()`, `pool.release(lease)`, `pool.release(lease.client)`. */
function isRelease(use: Use, surroundings: SourceContext): boolean {
  if (use.kind === 'passed') return isGivenToRelease(use.node, surroundings);
  if (use.kind !== 'member') return false;
  if (use.key === 'client') return isGivenToRelease(use.node, surroundings);
  return use.call !== undefined && isReleasing(use.key);
}

/** Whether a lease gets an owner that releases it whatever happens: `await using`, a stack. */
function isOwned(use: Use, { keyOf }: SourceContext): boolean {
  if (use.kind === 'disposed') return true;
  if (use.kind === 'member') return use.call === undefined && isReleasing(use.key); // stack.defer(lease.release)
  if (use.kind !== 'passed' || use.call.callee.type !== 'MemberExpression') return false;
  return ADOPTING.has(keyOf(use.call.callee) ?? '');
}

/** Whether a lease goes elsewhere: whoever gets it is to release it, or to keep it. */
function isGivenAway({ kind }: Use): boolean {
  return kind === 'returned' || kind === 'kept' || kind === 'captured';
}

/** Whether code runs whatever happens in its try block. */
function isInFinally(node: TSESTree.Node): boolean {
  return [...ancestorsOf(node)].some(
    (above) => above.type === 'TryStatement' && isWithin(node, above.finalizer),
  );
}

/** Whether code runs when something was thrown. */
function isInCatch(node: TSESTree.Node): boolean {
  return [...ancestorsOf(node)].some(({ type }) => type === 'CatchClause');
}
