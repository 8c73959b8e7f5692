import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from './data-flow/origin.js';
import { ancestorsOf, isFunction, isWithin } from './data-flow/syntax-nodes.js';
import { type Use, usesOf, usesOfParameter } from './data-flow/value-uses.js';

/** Why a lease may never be released. */
export type UnreleasedReason =
  /** No code releases it. */
  | 'unreleased'
  /** It is not released if the code before `release()` throws. */
  | 'unguarded';

/** Why the lease of an `acquire()` call may never be released; undefined if it always is. */
export function unreleasedReasonOf(
  acquire: TSESTree.CallExpression,
  context: SourceContext,
): UnreleasedReason | undefined {
  const uses = usesOf(acquire, context);
  const then = uses.find((use) => use.kind === 'member' && use.key === 'then');
  return then?.kind === 'member' && then.call?.type === 'CallExpression'
    ? reasonInThen(then.call, context)
    : reasonIn(uses, context);
}

/** The reason for `acquire().then((lease) => …)`, where the lease is a parameter of the callback. */
function reasonInThen(call: TSESTree.CallExpression, context: SourceContext): UnreleasedReason | undefined {
  const [callback] = call.arguments;
  if (!isFunction(callback)) return undefined;
  const [lease] = callback.params;
  if (lease === undefined) return 'unreleased';
  if (lease.type === 'ObjectPattern')
    return reasonIn([{ kind: 'destructured', node: lease, pattern: lease }], context);
  return lease.type === 'Identifier' ? reasonIn(usesOfParameter(lease, context), context) : undefined;
}

function reasonIn(leaseUses: readonly Use[], context: SourceContext): UnreleasedReason | undefined {
  const uses = [...leaseUses, ...clientReleases(leaseUses, context)];
  if (uses.some((use) => isReleasedByOwner(use, context) || isHandedOn(use))) return undefined;
  if (uses.some((use) => use.kind === 'destructured' && hasReleaseIn(use.pattern, context))) return undefined;
  const releases = uses.filter((use) => isRelease(use, context)).map(({ node }) => node);
  if (releases.length === 0) return uses.some(({ kind }) => kind === 'passed') ? undefined : 'unreleased';
  if (releases.some(isInFinally)) return undefined;
  // One release after success and one in `catch` cover both ways.
  const isOnBothWays = releases.some(isInCatch) && !releases.every(isInCatch);
  return isOnBothWays ? undefined : 'unguarded';
}

/** Calls of `pool.release(client)` for a client that was destructured from the lease: they release the lease too. */
function clientReleases(leaseUses: readonly Use[], context: SourceContext): readonly Use[] {
  const clients = leaseUses.flatMap((use) =>
    use.kind === 'destructured' ? clientsIn(use.pattern, context) : [],
  );
  const clientUses = clients.flatMap((client) => usesOfParameter(client, context));
  return clientUses.filter(({ node }) => isPassedToRelease(node, context));
}

/** The variables that `const { client: name } = lease` declares. */
function clientsIn(pattern: TSESTree.Node, { keyOf }: SourceContext): readonly TSESTree.Identifier[] {
  if (pattern.type !== 'ObjectPattern') return [];
  return pattern.properties.flatMap((property) =>
    property.type === 'Property' && keyOf(property) === 'client' && property.value.type === 'Identifier'
      ? [property.value]
      : [],
  );
}

/** Whether a pattern takes `release`, or a rest that may contain it: such code is expected to call it. */
function hasReleaseIn(pattern: TSESTree.Node, { keyOf }: SourceContext): boolean {
  if (pattern.type !== 'ObjectPattern') return true;
  return pattern.properties.some((property) => property.type !== 'Property' || keyOf(property) === 'release');
}

/** Methods of a DisposableStack that make it release a value. */
const STACK_METHODS = new Set(['use', 'adopt', 'defer']);

/** Whether a lease gets an owner that always releases it: `await using`, a DisposableStack. */
function isReleasedByOwner(use: Use, { keyOf }: SourceContext): boolean {
  if (use.kind === 'disposed') return true;
  if (use.kind === 'member') return use.call === undefined && isReleaseKey(use.key); // stack.defer(lease.release)
  if (use.kind !== 'passed' || use.call.callee.type !== 'MemberExpression') return false;
  return STACK_METHODS.has(keyOf(use.call.callee) ?? '');
}

/** Whether a lease leaves the function: the code that gets it has to release it. */
function isHandedOn({ kind }: Use): boolean {
  return kind === 'returned' || kind === 'stored' || kind === 'captured';
}

/** Whether a use releases the lease: `lease.release()`, `pool.release(lease)`, `pool.release(lease.client)`. */
function isRelease(use: Use, context: SourceContext): boolean {
  if (use.kind === 'passed') return isPassedToRelease(use.node, context);
  if (use.kind !== 'member') return false;
  if (use.key === 'client') return isPassedToRelease(use.node, context);
  return use.call !== undefined && isReleaseKey(use.key);
}

/** Whether a key is `release` or `Symbol.asyncDispose`, whose key is its description, or is not known. */
function isReleaseKey(key: string | undefined): boolean {
  return key === 'release' || key === undefined || key.endsWith('asyncDispose)');
}

/** Whether a value is an argument of `….release(…)`. */
function isPassedToRelease({ parent }: TSESTree.Node, { keyOf }: SourceContext): boolean {
  if (parent?.type !== 'CallExpression' || parent.callee.type !== 'MemberExpression') return false;
  return keyOf(parent.callee) === 'release';
}

/** Whether code is in a `finally` block, so that it always runs. */
function isInFinally(node: TSESTree.Node): boolean {
  return [...ancestorsOf(node)].some(
    (above) => above.type === 'TryStatement' && isWithin(node, above.finalizer),
  );
}

/** Whether code is in a `catch` block. */
function isInCatch(node: TSESTree.Node): boolean {
  return [...ancestorsOf(node)].some(({ type }) => type === 'CatchClause');
}
