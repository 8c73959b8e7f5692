import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext, Variable } from './origin.js';
import { enclosingFunction } from './syntax-nodes.js';

type Call = TSESTree.CallExpression | TSESTree.NewExpression;

/** What happens to a value in the function where it came to be. */
export type Use =
  /** `return value`, also within an object or an array. */
  | { readonly kind: 'returned'; readonly node: TSESTree.Node }
  /** Assigned to what outlives the function: a variable outside, a field. */
  | { readonly kind: 'kept'; readonly node: TSESTree.Node; readonly target: TSESTree.Node }
  /** An argument of a call. */
  | { readonly kind: 'passed'; readonly node: TSESTree.Node; readonly call: Call }
  /** Named in a function within. */
  | { readonly kind: 'captured'; readonly node: TSESTree.Node }
  /** `value.member`; `call` if it is called. */
  | {
      readonly kind: 'member';
      readonly node: TSESTree.MemberExpression;
      readonly key: string | undefined;
      readonly call: Call | undefined;
    }
  /** `const { a, b } = value`. */
  | { readonly kind: 'unpacked'; readonly node: TSESTree.Node; readonly pattern: TSESTree.Node }
  /** `using name = value`, `await using name = value`. */
  | { readonly kind: 'disposed'; readonly node: TSESTree.Node }
  /** Looked at, or not at all: `value;`, `if (value)`. */
  | { readonly kind: 'seen'; readonly node: TSESTree.Node };

interface Search {
  readonly surroundings: SourceContext;
  readonly home: TSESTree.Node | undefined;
  readonly followed: Set<Variable>;
}

/** Where a name is read, or is given the value: all but the places that write something else to it. */
function usesOfName(name: TSESTree.Identifier, search: Search): Use[] {
  const variable = search.surroundings.variableOf(name);
  if (!variable || search.followed.has(variable)) return [];
  search.followed.add(variable);
  return variable.references
    .filter((reference) => !reference.isWrite())
    .flatMap(({ identifier }): Use[] =>
      enclosingFunction(identifier) === search.home
        ? follow(identifier, search)
        : [{ kind: 'captured', node: identifier }],
    );
}

function isOfHome(name: TSESTree.Identifier, { surroundings, home }: Search): boolean {
  const definition = surroundings.variableOf(name)?.defs[0];
  return home !== undefined && definition !== undefined && enclosingFunction(definition.name) === home;
}

function assigned(node: TSESTree.Node, target: TSESTree.Node, search: Search): Use[] {
  const isPattern = target.type === 'ObjectPattern' || target.type === 'ArrayPattern';
  if (isPattern) return [{ kind: 'unpacked', node, pattern: target }];
  const isLocal = target.type === 'Identifier' && (search.home === undefined || isOfHome(target, search));
  return isLocal ? usesOfName(target, search) : [{ kind: 'kept', node, target }];
}

function declared(node: TSESTree.Node, declarator: TSESTree.VariableDeclarator, search: Search): Use[] {
  const { kind } = declarator.parent;
  return kind === 'using' || kind === 'await using'
    ? [{ kind: 'disposed', node }]
    : assigned(node, declarator.id, search);
}

function ofMember(node: TSESTree.MemberExpression, { surroundings }: Search): Use {
  const { parent } = node;
  const isCalled = parent.type === 'CallExpression' && parent.callee === node;
  return { kind: 'member', node, key: surroundings.keyOf(node), call: isCalled ? parent : undefined };
}

function isArgument(node: TSESTree.Node, call: Call): boolean {
  return call.arguments.includes(node as never);
}

function follow(start: TSESTree.Node, search: Search): Use[] {
  const { node, members } = carrierOf(start, search.surroundings);
  return [...members.map((member) => ofMember(member, search)), ...useOf(node, search)];
}

function useOf(node: TSESTree.Node, search: Search): Use[] {
  const parent = node.parent;
  switch (parent?.type) {
    case 'ReturnStatement':
    case 'YieldExpression':
      return [{ kind: 'returned', node }];
    case 'ArrowFunctionExpression':
      return [{ kind: parent.body === node ? 'returned' : 'seen', node }];
    case 'CallExpression':
    case 'NewExpression':
      return isArgument(node, parent) ? [{ kind: 'passed', node, call: parent }] : [{ kind: 'seen', node }];
    case 'SpreadElement':
    case 'ArrayExpression':
    case 'ObjectExpression':
      return follow(parent, search);
    case 'Property':
      return parent.value === node ? follow(parent, search) : [{ kind: 'seen', node }];
    case 'MemberExpression':
      return parent.object === node ? [ofMember(parent, search)] : [{ kind: 'seen', node }];
    case 'VariableDeclarator':
      return declared(node, parent, search);
    case 'AssignmentExpression':
      return [...assigned(node, parent.left, search), ...follow(parent, search)];
    case 'AssignmentPattern':
    case 'ExportDefaultDeclaration':
    case 'PropertyDefinition':
      return [{ kind: 'kept', node, target: parent }];
    default:
      return [{ kind: 'seen', node }];
  }
}

/** Everything that is done with the value of an expression, through the local variables that hold it. */
export function usesOf(node: TSESTree.Node, surroundings: SourceContext): readonly Use[] {
  return follow(node, { surroundings, home: enclosingFunction(node), followed: new Set() });
}

/** The same for a value that a parameter brings in. */
export function usesOfParameter(name: TSESTree.Identifier, surroundings: SourceContext): readonly Use[] {
  return usesOfName(name, { surroundings, home: enclosingFunction(name), followed: new Set() });
}

/** Methods that give what they are called on: `createClient().on('error', log).connect()`. */
const FLUENT = new Set(['addListener', 'catch', 'connect', 'finally', 'on', 'once', 'setMaxListeners']);

const WRAPPERS = new Set([
  'AwaitExpression',
  'ChainExpression',
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
]);

/** The expression right above that has the same value. */
function above(node: TSESTree.Node, { keyOf }: SourceContext): TSESTree.Node | undefined {
  const parent = node.parent;
  if (!parent) return undefined;
  if (WRAPPERS.has(parent.type) || parent.type === 'LogicalExpression') return parent;
  if (parent.type === 'ConditionalExpression') return parent.test === node ? undefined : parent;
  if (parent.type === 'SequenceExpression') return parent.expressions.at(-1) === node ? parent : undefined;
  if (parent.type !== 'MemberExpression' || parent.object !== node) return undefined;
  const call = parent.parent;
  const isCalled = call.type === 'CallExpression' && call.callee === parent;
  return isCalled && FLUENT.has(keyOf(parent) ?? '') ? call : undefined;
}

/** Where the value of an expression has got to, and which methods were called on it on the way. */
interface ValueCarrier {
  readonly node: TSESTree.Node;
  readonly members: readonly TSESTree.MemberExpression[];
}

/** The outermost expression that still has the value of this one: past `await`, casts, `a ?? b` and chained calls. */
function carrierOf(start: TSESTree.Node, surroundings: SourceContext): ValueCarrier {
  const members: TSESTree.MemberExpression[] = [];
  for (let node = start; ;) {
    const next = above(node, surroundings);
    if (!next) return { node, members };
    if (next.type === 'CallExpression') members.push(next.callee as TSESTree.MemberExpression);
    node = next;
  }
}
