import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext, Variable } from './origin.js';
import { type CallNode, enclosingFunction, type FunctionNode, isFunction } from './syntax-nodes.js';

/** A use of a value in the function that created it. */
export type Use =
  /** `return value`, also within an object or an array. */
  | { readonly kind: 'returned'; readonly node: TSESTree.Node }
  /** Assignment to a field, or to a variable outside of the function. */
  | { readonly kind: 'stored'; readonly node: TSESTree.Node; readonly target: TSESTree.Node }
  /** Argument of a call. */
  | { readonly kind: 'passed'; readonly node: TSESTree.Node; readonly call: CallNode }
  /** Reference in a nested function. */
  | { readonly kind: 'captured'; readonly node: TSESTree.Node }
  /** `value.member`; `call` if the member is called. */
  | {
      readonly kind: 'member';
      readonly node: TSESTree.MemberExpression;
      readonly key: string | undefined;
      readonly call: CallNode | undefined;
    }
  /** `const { a, b } = value`. */
  | { readonly kind: 'destructured'; readonly node: TSESTree.Node; readonly pattern: TSESTree.Node }
  /** `using name = value`, `await using name = value`. */
  | { readonly kind: 'disposed'; readonly node: TSESTree.Node }
  /** Read without further effect: `value;`, `if (value)`. */
  | { readonly kind: 'read'; readonly node: TSESTree.Node };

interface Search {
  readonly context: SourceContext;
  /** The function that created the value; undefined for the top level of the module. */
  readonly creator: FunctionNode | undefined;
  readonly followed: Set<Variable>;
}

/** Uses of an expression's value, also through the local variables that hold it. */
export function usesOf(node: TSESTree.Node, context: SourceContext): readonly Use[] {
  return usesOfExpression(node, { context, creator: enclosingFunction(node), followed: new Set() });
}

/** Uses of the value of a parameter or a destructured variable. */
export function usesOfParameter(name: TSESTree.Identifier, context: SourceContext): readonly Use[] {
  return usesOfVariable(name, { context, creator: enclosingFunction(name), followed: new Set() });
}

/** Uses at all references to a variable, without those that write another value to it. */
function usesOfVariable(name: TSESTree.Identifier, search: Search): Use[] {
  const variable = search.context.variableOf(name);
  if (!variable || search.followed.has(variable)) return [];
  search.followed.add(variable);
  return variable.references
    .filter((reference) => !reference.isWrite())
    .flatMap(({ identifier }): Use[] =>
      enclosingFunction(identifier) === search.creator
        ? usesOfExpression(identifier, search)
        : [{ kind: 'captured', node: identifier }, ...usesOutsideOf(identifier, search)],
    );
}

/** Uses of a value that a nested function stores, or hands to the code around it: `.then(() => value)`. */
function usesOutsideOf(captured: TSESTree.Node, search: Search): Use[] {
  return usesOfExpression(captured, search).filter(
    ({ kind, node }) =>
      kind === 'stored' || (kind !== 'returned' && enclosingFunction(node) === search.creator),
  );
}

function usesOfExpression(start: TSESTree.Node, search: Search): Use[] {
  const { node, members } = outermostExpressionOf(start, search.context);
  return [...members.map((member) => memberUse(member, search)), ...usesByParent(node, search)];
}

function usesByParent(node: TSESTree.Node, search: Search): Use[] {
  const parent = node.parent;
  switch (parent?.type) {
    case 'ReturnStatement':
      return usesOfReturned(node, search);
    case 'YieldExpression':
      return [{ kind: 'returned', node }];
    case 'ArrowFunctionExpression':
      return parent.body === node ? usesOfReturned(node, search) : [{ kind: 'read', node }];
    case 'CallExpression':
    case 'NewExpression':
      return isArgument(node, parent) ? usesOfArgument(node, parent, search) : [{ kind: 'read', node }];
    case 'SpreadElement':
    case 'ArrayExpression':
    case 'ObjectExpression':
      return usesOfExpression(parent, search);
    case 'Property':
      return parent.value === node ? usesOfExpression(parent, search) : [{ kind: 'read', node }];
    case 'MemberExpression':
      return parent.object === node ? [memberUse(parent, search)] : [{ kind: 'read', node }];
    case 'VariableDeclarator':
      return usesInDeclaration(node, parent, search);
    case 'AssignmentExpression':
      return [...usesOfTarget(node, parent.left, search), ...usesOfExpression(parent, search)];
    case 'AssignmentPattern':
    case 'ExportDefaultDeclaration':
    case 'PropertyDefinition':
      return [{ kind: 'stored', node, target: parent }];
    default:
      return [{ kind: 'read', node }];
  }
}

/** Uses of a value that a function returns: also of the promise or the call whose value it becomes. */
function usesOfReturned(node: TSESTree.Node, search: Search): Use[] {
  const fn = enclosingFunction(node);
  const call = fn && callWithResultOf(fn, search.context);
  return [{ kind: 'returned', node }, ...(call ? usesOfExpression(call, around(call, search)) : [])];
}

/** The call whose value is what a function returns: `(() => value)()`, `promise.then(() => value)`. */
function callWithResultOf(fn: FunctionNode, { keyOf }: SourceContext): CallNode | undefined {
  const call = fn.parent;
  if (call.type !== 'CallExpression') return undefined;
  const { callee } = call;
  if (callee === fn) return call;
  const isReaction = callee.type === 'MemberExpression' && /^(?:then|catch)$/.test(keyOf(callee) ?? '');
  return isReaction ? call : undefined;
}

/** Uses of a value that a call gets: also of the promise that `resolve(value)` fulfils. */
function usesOfArgument(node: TSESTree.Node, call: CallNode, search: Search): Use[] {
  const promise = promiseResolvedBy(call.callee, search.context);
  return [
    { kind: 'passed', node, call },
    ...(promise ? usesOfExpression(promise, around(promise, search)) : []),
  ];
}

/** The promise of `new Promise((resolve) => …)`, for the name `resolve`. */
function promiseResolvedBy(callee: TSESTree.Node, { variableOf }: SourceContext): CallNode | undefined {
  const definition = callee.type === 'Identifier' ? variableOf(callee)?.defs[0] : undefined;
  const executor = definition?.type === 'Parameter' ? definition.node : undefined;
  const promise = executor?.parent;
  const isPromise =
    promise?.type === 'NewExpression' &&
    promise.callee.type === 'Identifier' &&
    promise.callee.name === 'Promise';
  return isPromise && isFunction(executor) && executor.params[0] === definition?.name ? promise : undefined;
}

/** The search for uses of an expression in the function around it. */
function around(node: TSESTree.Node, { context, followed }: Search): Search {
  return { context, followed, creator: enclosingFunction(node) };
}

function isArgument(node: TSESTree.Node, call: CallNode): boolean {
  return call.arguments.includes(node as never);
}

function memberUse(node: TSESTree.MemberExpression, { context }: Search): Use {
  const { parent } = node;
  const isCalled = parent.type === 'CallExpression' && parent.callee === node;
  return { kind: 'member', node, key: context.keyOf(node), call: isCalled ? parent : undefined };
}

function usesInDeclaration(
  node: TSESTree.Node,
  declarator: TSESTree.VariableDeclarator,
  search: Search,
): Use[] {
  const { kind } = declarator.parent;
  return kind === 'using' || kind === 'await using'
    ? [{ kind: 'disposed', node }]
    : usesOfTarget(node, declarator.id, search);
}

/** Uses of a value that is assigned to a target. */
function usesOfTarget(node: TSESTree.Node, target: TSESTree.Node, search: Search): Use[] {
  const isPattern = target.type === 'ObjectPattern' || target.type === 'ArrayPattern';
  if (isPattern) return [{ kind: 'destructured', node, pattern: target }];
  const isLocal =
    target.type === 'Identifier' && (search.creator === undefined || isDeclaredByCreator(target, search));
  return isLocal ? usesOfVariable(target, search) : [{ kind: 'stored', node, target }];
}

function isDeclaredByCreator(name: TSESTree.Identifier, { context, creator }: Search): boolean {
  const definition = context.variableOf(name)?.defs[0];
  return creator !== undefined && definition !== undefined && enclosingFunction(definition.name) === creator;
}

/** An expression that has a value, and the members that were called on the value on the way to it. */
interface OutermostExpression {
  readonly node: TSESTree.Node;
  readonly members: readonly TSESTree.MemberExpression[];
}

/** The outermost expression with the same value: past `await`, casts, `a ?? b` and chained calls. */
function outermostExpressionOf(start: TSESTree.Node, context: SourceContext): OutermostExpression {
  const members: TSESTree.MemberExpression[] = [];
  for (let node = start; ;) {
    const next = enclosingExpressionOf(node, context);
    if (!next) return { node, members };
    if (next.type === 'CallExpression') members.push(next.callee as TSESTree.MemberExpression);
    node = next;
  }
}

/** Methods that return the object or a promise of it: `createClient().on('error', log).connect()`. */
const CHAINABLE_METHODS = new Set([
  'addListener',
  'catch',
  'connect',
  'finally',
  'on',
  'once',
  'setMaxListeners',
]);

/** Expressions that have the value of their one operand. */
const TRANSPARENT_TYPES = new Set([
  'AwaitExpression',
  'ChainExpression',
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
]);

/** The expression directly around, if it has the same value. */
function enclosingExpressionOf(node: TSESTree.Node, { keyOf }: SourceContext): TSESTree.Node | undefined {
  const parent = node.parent;
  if (!parent) return undefined;
  if (TRANSPARENT_TYPES.has(parent.type) || parent.type === 'LogicalExpression') return parent;
  if (parent.type === 'ConditionalExpression') return parent.test === node ? undefined : parent;
  if (parent.type === 'SequenceExpression') return parent.expressions.at(-1) === node ? parent : undefined;
  if (parent.type !== 'MemberExpression' || parent.object !== node) return undefined;
  const call = parent.parent;
  const isCalled = call.type === 'CallExpression' && call.callee === parent;
  return isCalled && CHAINABLE_METHODS.has(keyOf(parent) ?? '') ? call : undefined;
}
