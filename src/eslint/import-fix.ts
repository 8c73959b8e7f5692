import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import type { Origin } from './data-flow/origin.js';
import { ancestorsOf, isFunction } from './data-flow/syntax-nodes.js';
import type { RuleContext } from './define-rule.js';

/**
 * Creates a fix that writes another module where imports name theirs, and changes no other byte. Returns null where the
 * result would not compile, or where other files could no longer inject what this one provides.
 */
export function createImportFix(
  origins: readonly Origin[],
  module: string,
  { filename, sourceCode }: Pick<RuleContext<string>, 'filename' | 'sourceCode'>,
): TSESLint.ReportFixFunction | null {
  if (/\.[cm]?tsx?$/.test(filename) && origins.some(isMemberOfDefault)) return null;
  const sources = new Set(origins.flatMap(({ source }) => source ?? []));
  if ([...sources].some((source) => isInjectionToken(source, sourceCode))) return null;
  return (fixer) =>
    [...sources].map(({ range: [from, to] }) => fixer.replaceTextRange([from + 1, to - 1], module));
}

/**
 * Whether a value is `Redis.Redis` or `Redis.default` of a default import. Under `module: nodenext`, TypeScript takes the
 * default of ioredis, a CommonJS package, for its exports, so this compiles. The default of the drop-in is the class, in
 * its types as at run time, so it would not compile there.
 */
function isMemberOfDefault({ path: [first, second] }: Origin): boolean {
  return first === 'default' && (second === 'default' || second === 'Redis');
}

/**
 * Whether an import or `require()` declares a name that is a token of dependency injection. Other files ask for what is
 * provided with the class of the same module, so the token must not change.
 */
function isInjectionToken(source: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): boolean {
  return declaredVariables(source, sourceCode).some(({ references }) =>
    references.some(({ identifier }) => isToken(identifier)),
  );
}

type Variables = ReturnType<TSESLint.SourceCode['getDeclaredVariables']>;

function declaredVariables(source: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): Variables {
  for (const node of ancestorsOf(source)) {
    if (isFunction(node)) return [];
    const { type } = node;
    if (/^(?:ImportDeclaration|TSImportEqualsDeclaration|VariableDeclarator)$/.test(type))
      return sourceCode.getDeclaredVariables(node);
  }
  return [];
}

/** Whether this reference to a class uses it as a token of dependency injection. */
function isToken(identifier: TSESTree.Node): boolean {
  const node = outermostNameOf(identifier);
  const { parent } = node;
  if (node.type === 'TSTypeReference') return parent !== undefined && isInjectedType(parent);
  if (parent?.type === 'NewExpression' || parent?.type === 'BinaryExpression') return false;
  if (parent?.type === 'CallExpression') {
    if (parent.callee === node) return false;
    if (isContainerKey(node, parent)) return true;
  }
  return isProviderKey(node) || [...ancestorsOf(node)].some(({ type }) => type === 'Decorator');
}

/** The outermost expression or type that an identifier begins: of `Redis`, `lib.Redis` or `Redis as Type`. */
function outermostNameOf(name: TSESTree.Node): TSESTree.Node {
  const { parent } = name;
  const isPart =
    (parent?.type === 'MemberExpression' && parent.object === name) ||
    parent?.type === 'TSQualifiedName' ||
    parent?.type === 'TSAsExpression' ||
    parent?.type === 'TSTypeReference';
  return isPart ? outermostNameOf(parent) : name;
}

/** Methods of containers whose first argument is a token: `app.get(Redis)`, `container.register(Redis, …)`. */
const CONTAINER_METHOD =
  /^(?:get|set|has|bind|rebind|resolve|inject|provide|register\w*|overrideProvider|select|isBound)$/;

/** Whether a node is the token in a call such as `container.get(Redis)`. */
function isContainerKey(
  node: TSESTree.Node,
  { callee, arguments: [first] }: TSESTree.CallExpression,
): boolean {
  return (
    first === node &&
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    CONTAINER_METHOD.test(callee.property.name)
  );
}

/** Whether a node is the token in `provide: Redis` or `inject: [Redis]`. */
function isProviderKey(node: TSESTree.Node): boolean {
  const [value, key] = node.parent?.type === 'ArrayExpression' ? [node.parent, 'inject'] : [node, 'provide'];
  const property = value.parent;
  return property?.type === 'Property' && property.value === value && hasName(property.key, key);
}

function hasName(key: TSESTree.Node, name: string): boolean {
  return key.type === 'Identifier' ? key.name === name : key.type === 'Literal' && key.value === name;
}

/** Whether a type is a token, because `emitDecoratorMetadata` hands it to the container. */
function isInjectedType(annotation: TSESTree.Node): boolean {
  const owner = annotation.type === 'TSTypeAnnotation' ? annotation.parent : undefined;
  if (owner?.type === 'PropertyDefinition') return isDecorated(owner) && !hasExplicitToken(owner);
  return owner?.type === 'Identifier' && isInjectedParameter(owner);
}

/** Whether a parameter is `constructor(redis: Redis)` of a decorated class, and no decorator names another token. */
function isInjectedParameter(parameter: TSESTree.Identifier): boolean {
  const property = parameter.parent.type === 'TSParameterProperty' ? parameter.parent : undefined;
  const method = (property ?? parameter).parent.parent;
  const isConstructor = method?.type === 'MethodDefinition' && method.kind === 'constructor';
  return isConstructor && isDecorated(method.parent.parent) && !hasExplicitToken(property ?? parameter);
}

type Decorated = { readonly decorators?: readonly TSESTree.Decorator[] | undefined };

function isDecorated({ decorators = [] }: Decorated): boolean {
  return decorators.length > 0;
}

/** Whether a decorator says what is injected: `@Inject('REDIS')`, `@InjectRedis()`. */
function hasExplicitToken({ decorators = [] }: Decorated): boolean {
  return decorators.some(({ expression }) => {
    if (expression.type !== 'CallExpression') return false;
    const { callee } = expression;
    return expression.arguments.length > 0 || (callee.type === 'Identifier' && /^Inject./.test(callee.name));
  });
}
