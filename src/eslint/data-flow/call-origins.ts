import type { TSESTree } from '@typescript-eslint/utils';
import { type AccessPath, ANY, CALL, type Origin, type OriginStep, type SourceContext } from './origin.js';
import { type FunctionNode, isFunction, isMemberOf, isStatement } from './syntax-nodes.js';

/** Functions that compilers and bundlers put around `require()`. Each returns the module, some with a `default` added. */
const INTEROP_HELPERS = new Set([
  '__importDefault',
  '__importStar',
  '__toESM',
  '_interopDefault',
  '_interopNamespace',
  '_interopRequireDefault',
  '_interopRequireWildcard',
  'interopDefault',
]);

/** Steps from a call: to a module, to an argument that is passed through, or to the result of its callee. */
export function callSteps(
  { callee, arguments: args }: TSESTree.CallExpression,
  path: AccessPath,
  context: SourceContext,
): readonly OriginStep[] {
  const [first] = args;
  if (first && INTEROP_HELPERS.has(calleeNameOf(callee, context) ?? '')) return [{ node: first, path }];
  if (first && context.textOf(first) !== undefined && context.originsOf(callee).some(isRequire)) {
    return moduleSteps(first, path, context);
  }
  const steps = callee.type === 'MemberExpression' ? methodSteps(callee, args, path, context) : undefined;
  return steps ?? [{ node: callee, path: [CALL, ...path] }, ...loaderSteps(args, path, context)];
}

/**
 * Steps to a module that a function loads which is passed to another one. The result may be the module, as in
 * `await load('m', () => import('m'))`, or a function that loads it, as in `once(() => import('m'))`: what is done with the
 * result tells which.
 */
function loaderSteps(
  args: readonly TSESTree.Node[],
  path: AccessPath,
  context: SourceContext,
): readonly OriginStep[] {
  const [first] = path;
  if (first === undefined) return [];
  const loaders = args.filter((node) => isLoader(node, context));
  return loaders.map((node) => ({ node, path: first === CALL ? path : [CALL, ...path] }));
}

/** Whether a function returns a module, or a member of one. */
function isLoader(node: TSESTree.Node, context: SourceContext): boolean {
  return isFunction(node) && returnedValuesOf(node, context).some(isOfModule);
}

/** Whether an expression is `import('m')`, `require('m')`, or a member of one. */
function isOfModule(node: TSESTree.Node): boolean {
  switch (node.type) {
    case 'ImportExpression':
      return true;
    case 'AwaitExpression':
      return isOfModule(node.argument);
    case 'MemberExpression':
      return isOfModule(node.object);
    default:
      return (
        node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'require'
      );
  }
}

const REQUIRE_PATHS = [`createRequire.${CALL}`, `createRequire.${CALL}.main.require`];

/** Whether a value is `require`: the global one, `require.main.require`, or a result of `createRequire()`. */
function isRequire({ module, path }: Origin): boolean {
  return (
    /^(node:)?module$/.test(module) &&
    REQUIRE_PATHS.includes(path.filter((member) => member !== 'default').join('.'))
  );
}

function calleeNameOf(callee: TSESTree.Node, { keyOf }: SourceContext): string | undefined {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type === 'SequenceExpression') return undefined;
  return callee.type === 'MemberExpression' ? keyOf(callee) : undefined;
}

/** Steps through methods of functions, promises and built-in objects; undefined for every other method. */
function methodSteps(
  callee: TSESTree.MemberExpression,
  args: readonly TSESTree.Node[],
  path: AccessPath,
  context: SourceContext,
): readonly OriginStep[] | undefined {
  const [first] = args;
  const name = calleeNameOf(callee, context);
  if (name === 'then') return isFunction(first) ? [{ node: first, path: [CALL, ...path] }] : [];
  if (name === 'catch' || name === 'finally' || name === 'bind') return [{ node: callee.object, path }];
  if (name === 'call' || name === 'apply') return [{ node: callee.object, path: [CALL, ...path] }];
  const isConstruction = isMemberOf(callee, 'Reflect', ['construct']);
  if (isConstruction) return first ? [{ node: first, path: [CALL, ...path] }] : [];
  return passThroughSteps(callee, args, path);
}

/** Steps through functions that return one or all of their arguments; undefined for every other function. */
function passThroughSteps(
  callee: TSESTree.MemberExpression,
  args: readonly TSESTree.Node[],
  path: AccessPath,
): readonly OriginStep[] | undefined {
  if (isMemberOf(callee, 'Object', ['assign'])) return args.map((node) => ({ node, path }));
  const isIdentity =
    isMemberOf(callee, 'Promise', ['all', 'resolve']) || isMemberOf(callee, 'Object', ['freeze', 'seal']);
  if (isIdentity) return args.slice(0, 1).map((node) => ({ node, path }));
  if (isMemberOf(callee, 'Promise', ['allSettled'])) {
    const [element, outcome, ...rest] = path;
    const isValue = element !== undefined && outcome === 'value';
    return isValue ? args.slice(0, 1).map((node) => ({ node, path: [element, ...rest] })) : [];
  }
  const isOneOf = isMemberOf(callee, 'Promise', ['race', 'any']);
  return isOneOf ? args.slice(0, 1).map((node) => ({ node, path: [ANY, ...path] })) : undefined;
}

/** Steps from a call of a function to the values that it returns. */
export function returnSteps(
  fn: FunctionNode,
  path: AccessPath,
  context: SourceContext,
): readonly OriginStep[] {
  if (path[0] !== CALL || fn.generator) return [];
  return returnedValuesOf(fn, context).map((node) => ({ node, path: path.slice(1) }));
}

const returnedValues = new WeakMap<FunctionNode, readonly TSESTree.Node[]>();

/** Values that a function returns. The body of a function is searched once, however often it is called. */
export function returnedValuesOf(fn: FunctionNode, context: SourceContext): readonly TSESTree.Node[] {
  const known = returnedValues.get(fn);
  if (known) return known;
  const values = fn.body.type === 'BlockStatement' ? returnedValuesIn(fn.body, context) : [fn.body];
  returnedValues.set(fn, values);
  return values;
}

function returnedValuesIn(node: TSESTree.Node, context: SourceContext): TSESTree.Node[] {
  if (node.type === 'ReturnStatement') return node.argument ? [node.argument] : [];
  return context
    .childrenOf(node)
    .filter(isStatement)
    .flatMap((child) => returnedValuesIn(child, context));
}

/** Steps from `import a, { b as c } from 'm'` and `import * as m from 'm'`; none from imports of types. */
export function importSteps(node: TSESTree.ImportClause, path: AccessPath): readonly OriginStep[] {
  const declaration = node.parent as TSESTree.ImportDeclaration;
  // Parsers of Flow have the kind `typeof` beside `type`; parsers of plain JavaScript set no kind.
  const kinds = [declaration.importKind, 'importKind' in node ? node.importKind : undefined];
  if (kinds.some((kind) => kind !== undefined && kind !== 'value')) return [];
  const { source } = declaration;
  return [{ module: source.value, path: [...importedPathOf(node), ...path], source }];
}

function importedPathOf(node: TSESTree.ImportClause): AccessPath {
  if (node.type === 'ImportNamespaceSpecifier') return [];
  return [node.type === 'ImportSpecifier' ? exportedName(node.imported) : 'default'];
}

/** Name of an export: `default`, an identifier, or a string (`import { 'a b' as c }`). */
export function exportedName(name: TSESTree.Identifier | TSESTree.StringLiteral): string {
  return name.type === 'Identifier' ? name.name : name.value;
}

/** Steps from `import m = require('m')` and `import R = m.Redis`. */
export function importEqualsSteps(
  { importKind, moduleReference }: TSESTree.TSImportEqualsDeclaration,
  path: AccessPath,
): readonly OriginStep[] {
  if (importKind === 'type') return [];
  if (moduleReference.type !== 'TSExternalModuleReference') return [{ node: moduleReference, path }];
  const source = moduleReference.expression;
  return typeof source.value === 'string' ? [{ module: source.value, path, source }] : [];
}

/** Steps from `import('m')`. */
export function importExpressionSteps(
  { source }: TSESTree.ImportExpression,
  path: AccessPath,
  context: SourceContext,
): readonly OriginStep[] {
  return moduleSteps(source, path, context);
}

/** The step to the module that an expression names. Only a literal is a `source`: a fix can replace nothing else. */
function moduleSteps(
  name: TSESTree.Node,
  path: AccessPath,
  { textOf }: SourceContext,
): readonly OriginStep[] {
  const module = textOf(name);
  if (module === undefined) return [];
  const isLiteral = name.type === 'Literal' || (name.type === 'TemplateLiteral' && name.quasis.length === 1);
  return [{ module, path, source: isLiteral ? name : undefined }];
}
