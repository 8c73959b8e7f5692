import type { TSESTree } from '@typescript-eslint/utils';
import type { KeyedNode, SourceContext } from '../data-flow/origin.js';
import { ancestorsOf, type FunctionNode } from '../data-flow/syntax-nodes.js';
import { isHandlerLike } from './callback-timing.js';

/** Functions that run once, by what everybody calls them. */
const STARTING =
  /^(?:init|start|connect|setup|bootstrap|boot|main|run|open|launch|configure|register|install|provide|global|before|after|onReady|onModuleInit|onApplicationBootstrap)(?![a-z])|^(?:factory|create|createClient|use(?:Factory|Value|Class)|plugin|ready|listen|serve|initiali[sz]e\w*)$|[Pp]lugin$/;

/** Functions that a framework calls for each request. */
const HANDLING =
  /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|handler|handleRequest|middleware|getServerSideProps|canActivate|intercept|fetch)$/;

/** Decorators of methods that are called for each request, message, job, event or tick. */
const HANDLING_DECORATOR =
  /^(?:Get|Post|Put|Patch|Delete|All|Head|Options|Process|MessagePattern|EventPattern|GrpcMethod|SubscribeMessage|Cron|Interval|OnEvent|On\w+Event|Query|Mutation|Subscription|ResolveField|FieldResolver)$/;

function isKeyed(node: TSESTree.Node): node is KeyedNode {
  return ['MemberExpression', 'Property', 'PropertyDefinition', 'MethodDefinition'].includes(node.type);
}

/** What a function is assigned to, or declared as: the node that names it. */
function nameNodeOf(fn: FunctionNode): TSESTree.Node | undefined {
  const parent = fn.parent;
  if (fn.type === 'FunctionDeclaration') return fn.id ?? undefined;
  if (parent.type === 'VariableDeclarator') return parent.id;
  if (parent.type === 'AssignmentExpression') return parent.left;
  if (parent.type === 'AssignmentPattern') return parent.left;
  return isKeyed(parent) && parent.type !== 'MemberExpression' ? parent : (fn.id ?? undefined);
}

/** The name that a function goes by; undefined for one that has none, and for `module.exports`. */
export function nameOf(fn: FunctionNode, { keyOf }: SourceContext): string | undefined {
  const node = nameNodeOf(fn);
  if (node?.type === 'Identifier') return node.name;
  const name = node && isKeyed(node) ? keyOf(node) : undefined;
  return name === 'exports' ? undefined : name;
}

/** Whether a function is one of those that run once, by its name. */
export function isStarter(fn: FunctionNode, surroundings: SourceContext): boolean {
  return STARTING.test(nameOf(fn, surroundings) ?? '');
}

function decoratorName({ expression }: TSESTree.Decorator): string {
  const callee = expression.type === 'CallExpression' ? expression.callee : expression;
  return callee.type === 'Identifier' ? callee.name : '';
}

/** Whether a function runs for each request, by its name, its decorators or what it takes. */
export function isHandler(fn: FunctionNode, surroundings: SourceContext): boolean {
  const { parent } = fn;
  // Parsers of JavaScript have no decorators.
  const decorators =
    parent.type === 'MethodDefinition'
      ? ((parent.decorators as typeof parent.decorators | undefined) ?? [])
      : [];
  if (decorators.some((decorator) => HANDLING_DECORATOR.test(decoratorName(decorator)))) return true;
  if (isStarter(fn, surroundings)) return false;
  return HANDLING.test(nameOf(fn, surroundings) ?? '') || isHandlerLike(fn);
}

function* within(node: TSESTree.Node, surroundings: SourceContext): Generator<TSESTree.Node, void> {
  yield node;
  for (const child of surroundings.childrenOf(node)) yield* within(child, surroundings);
}

function mentionsOfMethod(fn: FunctionNode, key: string, surroundings: SourceContext): TSESTree.Node[] {
  const body = [...ancestorsOf(fn)].find(({ type }) => type === 'ClassBody');
  if (!body) return [];
  return [...within(body, surroundings)].filter(
    (node) =>
      node.type === 'MemberExpression' &&
      node.object.type === 'ThisExpression' &&
      surroundings.keyOf(node) === key,
  );
}

/** Every place of the file that names a function: by its variable, or by `this.name` in its class. */
export function mentionsOf(fn: FunctionNode, surroundings: SourceContext): readonly TSESTree.Node[] {
  const node = nameNodeOf(fn);
  if (node?.type === 'Identifier') {
    const references = surroundings.variableOf(node)?.references ?? [];
    return references.filter((reference) => !reference.isWrite()).map(({ identifier }) => identifier);
  }
  const isMethod = node?.type === 'MethodDefinition' || node?.type === 'PropertyDefinition';
  const key = isMethod ? surroundings.keyOf(node) : undefined;
  return key === undefined ? [] : mentionsOfMethod(fn, key, surroundings);
}
