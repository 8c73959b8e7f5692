import type { TSESTree } from '@typescript-eslint/utils';
import type { KeyedNode, SourceContext } from '../data-flow/origin.js';
import { ancestorsOf, type FunctionNode } from '../data-flow/syntax-nodes.js';
import { hasHandlerParameters } from './callback-timing.js';

/** Conventional names of functions that run once. */
const STARTUP_NAME =
  /^(?:init|start|connect|setup|bootstrap|boot|main|run|open|launch|configure|register|install|provide|global|before|after|onReady|onModuleInit|onApplicationBootstrap)(?![a-z])|^(?:factory|create|createClient|use(?:Factory|Value|Class)|plugin|ready|listen|serve|initiali[sz]e\w*|up|down|migrate\w*|seed\w*)$|[Pp]lugin$/;

/** Names of functions that a framework calls for each request. */
const HANDLER_NAME =
  /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|handler|handleRequest|middleware|getServerSideProps|canActivate|intercept|fetch)$/;

/** Decorators of methods that are called for each request, message, job, event or tick. */
const HANDLER_DECORATOR =
  /^(?:Get|Post|Put|Patch|Delete|All|Head|Options|Process|MessagePattern|EventPattern|GrpcMethod|SubscribeMessage|Cron|Interval|OnEvent|On\w+Event|Query|Mutation|Subscription|ResolveField|FieldResolver)$/;

/** Name of a function; undefined for a function without a name, and for `module.exports`. */
export function functionNameOf(fn: FunctionNode, { keyOf }: SourceContext): string | undefined {
  const node = nameNodeOf(fn);
  if (node?.type === 'Identifier') return node.name;
  const name = node && isKeyed(node) ? keyOf(node) : undefined;
  return name === 'exports' ? undefined : name;
}

/** The node that names a function: of its declaration, or what it is assigned to. */
function nameNodeOf(fn: FunctionNode): TSESTree.Node | undefined {
  const parent = fn.parent;
  if (fn.type === 'FunctionDeclaration') return fn.id ?? undefined;
  if (parent.type === 'VariableDeclarator') return parent.id;
  if (parent.type === 'AssignmentExpression') return parent.left;
  if (parent.type === 'AssignmentPattern') return parent.left;
  return isKeyed(parent) && parent.type !== 'MemberExpression' ? parent : (fn.id ?? undefined);
}

function isKeyed(node: TSESTree.Node): node is KeyedNode {
  return ['MemberExpression', 'Property', 'PropertyDefinition', 'MethodDefinition'].includes(node.type);
}

/** Whether a function runs once, by its name. */
export function isStartupFunction(fn: FunctionNode, context: SourceContext): boolean {
  return STARTUP_NAME.test(functionNameOf(fn, context) ?? '');
}

/** Whether a function runs for each request, by its name, its decorators or its parameters. */
export function isHandler(fn: FunctionNode, context: SourceContext): boolean {
  const { parent } = fn;
  // Parsers of JavaScript set no decorators.
  const decorators =
    parent.type === 'MethodDefinition'
      ? ((parent.decorators as typeof parent.decorators | undefined) ?? [])
      : [];
  if (decorators.some((decorator) => HANDLER_DECORATOR.test(decoratorNameOf(decorator)))) return true;
  if (isStartupFunction(fn, context)) return false;
  return HANDLER_NAME.test(functionNameOf(fn, context) ?? '') || hasHandlerParameters(fn);
}

function decoratorNameOf({ expression }: TSESTree.Decorator): string {
  const callee = expression.type === 'CallExpression' ? expression.callee : expression;
  return callee.type === 'Identifier' ? callee.name : '';
}

/** All references to a function in the file: to its variable, or by `this.name` in its class. */
export function referencesTo(fn: FunctionNode, context: SourceContext): readonly TSESTree.Node[] {
  const node = nameNodeOf(fn);
  if (node?.type === 'Identifier') {
    const references = context.variableOf(node)?.references ?? [];
    return references.filter((reference) => !reference.isWrite()).map(({ identifier }) => identifier);
  }
  const isMethod = node?.type === 'MethodDefinition' || node?.type === 'PropertyDefinition';
  const key = isMethod ? context.keyOf(node) : undefined;
  return key === undefined ? [] : referencesToMethod(fn, key, context);
}

function referencesToMethod(fn: FunctionNode, key: string, context: SourceContext): TSESTree.Node[] {
  const body = [...ancestorsOf(fn)].find(({ type }) => type === 'ClassBody');
  return body ? membersOfThis(body, context).filter((member) => context.keyOf(member) === key) : [];
}

const knownMembers = new WeakMap<TSESTree.Node, readonly TSESTree.MemberExpression[]>();

/** All `this.name` in the body of a class, which is searched once. */
function membersOfThis(body: TSESTree.Node, context: SourceContext): readonly TSESTree.MemberExpression[] {
  const known = knownMembers.get(body);
  if (known) return known;
  const members = [...nodesIn(body, context)].filter(
    (node) => node.type === 'MemberExpression' && node.object.type === 'ThisExpression',
  );
  knownMembers.set(body, members as TSESTree.MemberExpression[]);
  return members as TSESTree.MemberExpression[];
}

function* nodesIn(node: TSESTree.Node, context: SourceContext): Generator<TSESTree.Node, void> {
  yield node;
  for (const child of context.childrenOf(node)) yield* nodesIn(child, context);
}
