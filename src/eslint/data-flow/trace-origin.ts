import { findVariable, getPropertyName, getStringIfConstant } from '@eslint-community/eslint-utils';
import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { type PackageAliases, PACKAGE_PATH } from '../package-aliases.js';
import { nextSteps } from './origin-steps.js';
import type { KeyedNode, Origin, OriginQuery, SourceContext, Variable } from './origin.js';

/** Returns the origins of a value: several if it may be one of several values, none if no module is involved. */
export type Trace = (node: TSESTree.Node) => readonly Origin[];

/** Traces of the files that were linted, by their syntax trees. */
const traces = new WeakMap<object, Trace>();

/** The trace of a file. All rules share it, and so the origins that it has found. */
export function traceOf(
  sourceCode: Readonly<TSESLint.SourceCode>,
  aliases: PackageAliases = new Map(),
): Trace {
  const trace = traces.get(sourceCode.ast) ?? createTrace(sourceCode, aliases);
  traces.set(sourceCode.ast, trace);
  return trace;
}

function createTrace(sourceCode: Readonly<TSESLint.SourceCode>, aliases: PackageAliases): Trace {
  const known = new WeakMap<TSESTree.Node, readonly Origin[]>();
  const budget: StepBudget = { left: MAX_STEPS_PER_FILE };
  const trace: Trace = (node) => {
    const before = known.get(node);
    if (before) return before;
    known.set(node, []); // the answer to a trace of this node from within its own trace
    const origins = findOrigins(node, context, budget).map((origin) => withoutAlias(origin, aliases));
    known.set(node, origins);
    return origins;
  };
  const context = createSourceContext(sourceCode, trace);
  return trace;
}

/**
 * The origin in the package that an alias stands for. Such an origin has no `source`: the alias is there for another
 * version of the package, which a fix must not replace.
 */
function withoutAlias(origin: Origin, aliases: PackageAliases): Origin {
  const [, alias = '', subpath = ''] = PACKAGE_PATH.exec(origin.module) ?? [];
  const name = aliases.get(alias);
  return name === undefined ? origin : { ...origin, module: `${name}${subpath}`, source: undefined };
}

/** Longer paths are not followed: real code has none, and `a = a.next` would create them without end. */
const MAX_PATH_LENGTH = 12;

/** Steps of one search. Real code takes some dozens; in bundled code a variable may lead to thousands of others. */
const MAX_STEPS_PER_SEARCH = 2000;

/** Steps of all searches in a file, which take less than a second. After that, values have no origins. */
const MAX_STEPS_PER_FILE = 100_000;

/** Steps that the searches in a file may still take. */
interface StepBudget {
  left: number;
}

/**
 * Follows a value to its origins, the nearest first. Each query is followed once, so that `let a = b; let b = a` ends, and
 * n conditions in a row cost n steps in place of 2^n. A search that takes too many steps ends with what it has found.
 */
function findOrigins(start: TSESTree.Node, context: SourceContext, budget: StepBudget): Origin[] {
  const followed = new Map<TSESTree.Node, Set<string>>();
  const queries: OriginQuery[] = [{ node: start, path: [] }];
  const found: Origin[] = [];
  for (const query of queries) {
    if (!query.node) continue;
    const followedPaths = followed.get(query.node) ?? new Set();
    const path = query.path.join('.');
    if (followedPaths.has(path) || query.path.length > MAX_PATH_LENGTH) continue;
    followed.set(query.node, followedPaths.add(path));
    budget.left -= 1;
    if (budget.left < 0 || queries.length > MAX_STEPS_PER_SEARCH) break;
    for (const step of nextSteps(query, context)) {
      if ('module' in step) found.push(step);
      else queries.push(step);
    }
  }
  return found;
}

type Scope = Parameters<typeof findVariable>[0];
type Name = Parameters<typeof findVariable>[1];
type Keyed = Parameters<typeof getPropertyName>[0];
type Constant = Parameters<typeof getStringIfConstant>[0];

/**
 * Creates the lookups in a file. The casts are needed because ESLint's types do not know the nodes of TypeScript; its
 * functions do handle them.
 */
export function createSourceContext(
  sourceCode: Readonly<TSESLint.SourceCode>,
  originsOf: SourceContext['originsOf'],
): SourceContext {
  const scopeOf = (node: TSESTree.Node) => sourceCode.getScope(node) as unknown as Scope;
  const keyOf = (node: KeyedNode) => {
    const key = node.type === 'MemberExpression' ? node.property : node.key;
    if (key.type === 'PrivateIdentifier') return `#${key.name}`;
    if (node.type === 'AccessorProperty' && !node.computed && key.type === 'Identifier') return key.name;
    return getPropertyName(node as unknown as Keyed, scopeOf(node)) ?? undefined;
  };
  return {
    originsOf,
    keyOf,
    variableOf: (identifier) =>
      (findVariable(scopeOf(identifier), identifier as Name) as unknown as Variable | null) ?? undefined,
    textOf: (node) => getStringIfConstant(node as unknown as Constant, scopeOf(node)) ?? undefined,
    childrenOf: (node) => childrenOf(node, sourceCode.visitorKeys),
  };
}

/** Child nodes by the parser's visitor keys. A node type for which the parser has no keys has no children. */
function childrenOf(
  node: TSESTree.Node,
  visitorKeys: Readonly<Record<string, readonly string[] | undefined>>,
) {
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  return (visitorKeys[node.type] ?? []).flatMap((key) => [fields[key]].flat()).filter(isNode);
}

function isNode(value: unknown): value is TSESTree.Node {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}
