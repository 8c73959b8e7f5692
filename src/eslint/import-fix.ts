import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import type { Origin } from './data-flow/origin.js';
import { ancestorsOf, isFunction } from './data-flow/syntax-nodes.js';
import type { Context } from './rule.js';

/**
 * `Redis.Redis` of a default import. To ioredis's types that is right where TypeScript takes the default of a
 * CommonJS package for its exports (module: nodenext); the drop-in's default is the class, as it is when it runs.
 */
function isTypedAsExports({ path: [first, second] }: Origin): boolean {
  return first === 'default' && (second === 'default' || second === 'Redis');
}

/**
 * Writes another module where imports name their own, and leaves every other byte; null where that would not compile, or
 * where other files could not inject what this one provides.
 */
export function replacement(
  origins: readonly Origin[],
  module: string,
  { filename, sourceCode }: Pick<Context<string>, 'filename' | 'sourceCode'>,
): TSESLint.ReportFixFunction | null {
  if (/\.[cm]?tsx?$/.test(filename) && origins.some(isTypedAsExports)) return null;
  const names = new Set(origins.flatMap(({ source }) => source ?? []));
  if ([...names].some((name) => isInjectionToken(name, sourceCode))) return null;
  return (fixer) =>
    [...names].map(({ range: [from, to] }) => fixer.replaceTextRange([from + 1, to - 1], module));
}

/** Methods of containers whose first argument is a token: `app.get(Redis)`, `container.register(Redis, …)`. */
const ASKED =
  /^(?:get|set|has|bind|rebind|resolve|inject|provide|register\w*|overrideProvider|select|isBound)$/;

type Decorated = { readonly decorators?: readonly TSESTree.Decorator[] | undefined };

function isNamed(key: TSESTree.Node, name: string): boolean {
  return key.type === 'Identifier' ? key.name === name : key.type === 'Literal' && key.value === name;
}

/** `Redis` of `Redis`, `lib.Redis`, `Redis as Type`: the outermost expression or type of that name. */
function wholeName(name: TSESTree.Node): TSESTree.Node {
  const { parent } = name;
  const isPart =
    (parent?.type === 'MemberExpression' && parent.object === name) ||
    parent?.type === 'TSQualifiedName' ||
    parent?.type === 'TSAsExpression' ||
    parent?.type === 'TSTypeReference';
  return isPart ? wholeName(parent) : name;
}

/** Decorators that say themselves what is injected: `@Inject('REDIS')`, `@InjectRedis()`. */
function isExplicit({ decorators = [] }: Decorated): boolean {
  return decorators.some(({ expression }) => {
    if (expression.type !== 'CallExpression') return false;
    const { callee } = expression;
    return expression.arguments.length > 0 || (callee.type === 'Identifier' && /^Inject./.test(callee.name));
  });
}

function isDecorated({ decorators = [] }: Decorated): boolean {
  return decorators.length > 0;
}

/** `constructor(redis: Redis)` of a decorated class: with `emitDecoratorMetadata` the type is the token. */
function isInjectedParameter(parameter: TSESTree.Identifier): boolean {
  const property = parameter.parent.type === 'TSParameterProperty' ? parameter.parent : undefined;
  const method = (property ?? parameter).parent.parent;
  const isConstructor = method?.type === 'MethodDefinition' && method.kind === 'constructor';
  return isConstructor && isDecorated(method.parent.parent) && !isExplicit(property ?? parameter);
}

function isInjectedType(annotation: TSESTree.Node): boolean {
  const owner = annotation.type === 'TSTypeAnnotation' ? annotation.parent : undefined;
  if (owner?.type === 'PropertyDefinition') return isDecorated(owner) && !isExplicit(owner);
  return owner?.type === 'Identifier' && isInjectedParameter(owner);
}

/** `provide: Redis`, `inject: [Redis]`. */
function isProvided(node: TSESTree.Node): boolean {
  const [holder, key] = node.parent?.type === 'ArrayExpression' ? [node.parent, 'inject'] : [node, 'provide'];
  const property = holder.parent;
  return property?.type === 'Property' && property.value === holder && isNamed(property.key, key);
}

function isAskedFor(node: TSESTree.Node, { callee, arguments: [first] }: TSESTree.CallExpression): boolean {
  return (
    first === node &&
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    ASKED.test(callee.property.name)
  );
}

/** Whether a class is named here so that others find by it what is injected. */
function isToken(name: TSESTree.Node): boolean {
  const node = wholeName(name);
  const { parent } = node;
  if (node.type === 'TSTypeReference') return parent !== undefined && isInjectedType(parent);
  if (parent?.type === 'NewExpression' || parent?.type === 'BinaryExpression') return false;
  if (parent?.type === 'CallExpression') {
    if (parent.callee === node) return false;
    if (isAskedFor(node, parent)) return true;
  }
  return isProvided(node) || [...ancestorsOf(node)].some(({ type }) => type === 'Decorator');
}

type Variables = ReturnType<TSESLint.SourceCode['getDeclaredVariables']>;

function declaredBy(source: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): Variables {
  for (const node of ancestorsOf(source)) {
    if (isFunction(node)) return [];
    const { type } = node;
    if (/^(?:ImportDeclaration|TSImportEqualsDeclaration|VariableDeclarator)$/.test(type))
      return sourceCode.getDeclaredVariables(node);
  }
  return [];
}

/**
 * Whether a name that a module's import or `require()` declares is a token of dependency injection. Other files ask with
 * the class of the same module for what is provided, so that the token has to stay what it is.
 */
function isInjectionToken(source: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): boolean {
  return declaredBy(source, sourceCode).some(({ references }) =>
    references.some(({ identifier }) => isToken(identifier)),
  );
}
