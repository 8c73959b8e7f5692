import type { TSESTree } from '@typescript-eslint/utils';
import { ANY, CALL, type OriginStep, type Origin, type Steps, type SourceContext } from './origin.js';
import { type FunctionNode, isFunction, isMemberOf, isStatement } from './syntax-nodes.js';

/** What compilers and bundlers put around `require()`; they give the module, with a `default` at most. */
const INTEROP = new Set([
  '__importDefault',
  '__importStar',
  '__toESM',
  '_interopDefault',
  '_interopNamespace',
  '_interopRequireDefault',
  '_interopRequireWildcard',
  'interopDefault',
]);

const REQUIRE = [`createRequire.${CALL}`, `createRequire.${CALL}.main.require`];

/** Whether a value is `require`: the global one, `require.main.require`, or one that `createRequire()` made. */
function isRequire({ module, path }: Origin): boolean {
  return (
    /^(node:)?module$/.test(module) && REQUIRE.includes(path.filter((step) => step !== 'default').join('.'))
  );
}

function nameOf(callee: TSESTree.Node, { keyOf }: SourceContext): string | undefined {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type === 'SequenceExpression') return undefined;
  return callee.type === 'MemberExpression' ? keyOf(callee) : undefined;
}

/** Functions that give what they take, or one of what they take. */
function passedLeads(
  callee: TSESTree.MemberExpression,
  args: readonly TSESTree.Node[],
  steps: Steps,
): readonly OriginStep[] | undefined {
  if (isMemberOf(callee, 'Object', ['assign'])) return args.map((node) => ({ node, steps }));
  const isSame =
    isMemberOf(callee, 'Promise', ['all', 'resolve']) || isMemberOf(callee, 'Object', ['freeze', 'seal']);
  if (isSame) return args.slice(0, 1).map((node) => ({ node, steps }));
  if (isMemberOf(callee, 'Promise', ['allSettled'])) {
    const [element, outcome, ...rest] = steps;
    const isValue = element !== undefined && outcome === 'value';
    return isValue ? args.slice(0, 1).map((node) => ({ node, steps: [element, ...rest] })) : [];
  }
  const isOneOf = isMemberOf(callee, 'Promise', ['race', 'any']);
  return isOneOf ? args.slice(0, 1).map((node) => ({ node, steps: [ANY, ...steps] })) : undefined;
}

/** Methods that every value has, or that promises have, and what comes out of them. */
function methodLeads(
  callee: TSESTree.MemberExpression,
  args: readonly TSESTree.Node[],
  steps: Steps,
  surroundings: SourceContext,
): readonly OriginStep[] | undefined {
  const [first] = args;
  const name = nameOf(callee, surroundings);
  if (name === 'then') return isFunction(first) ? [{ node: first, steps: [CALL, ...steps] }] : [];
  if (name === 'catch' || name === 'finally' || name === 'bind') return [{ node: callee.object, steps }];
  if (name === 'call' || name === 'apply') return [{ node: callee.object, steps: [CALL, ...steps] }];
  const isConstructed = isMemberOf(callee, 'Reflect', ['construct']);
  if (isConstructed) return first ? [{ node: first, steps: [CALL, ...steps] }] : [];
  return passedLeads(callee, args, steps);
}

/** What a call gives: a module, what was passed through, what a function returns, or "what came out of" its callee. */
export function callSteps(
  { callee, arguments: args }: TSESTree.CallExpression,
  steps: Steps,
  surroundings: SourceContext,
): readonly OriginStep[] {
  const [first] = args;
  if (first && INTEROP.has(nameOf(callee, surroundings) ?? '')) return [{ node: first, steps }];
  if (first && surroundings.textOf(first) !== undefined && surroundings.originsOf(callee).some(isRequire)) {
    return moduleSteps(first, steps, surroundings);
  }
  const method =
    callee.type === 'MemberExpression' ? methodLeads(callee, args, steps, surroundings) : undefined;
  return method ?? [{ node: callee, steps: [CALL, ...steps] }];
}

/** The name under which a module exports something: `default`, an identifier, or a string (`import { 'a b' as c }`). */
export function exportedName(name: TSESTree.Identifier | TSESTree.StringLiteral): string {
  return name.type === 'Identifier' ? name.name : name.value;
}

function importedPath(node: TSESTree.ImportClause): Steps {
  if (node.type === 'ImportNamespaceSpecifier') return [];
  return [node.type === 'ImportSpecifier' ? exportedName(node.imported) : 'default'];
}

/** `import a, { b as c } from 'm'`, `import * as m from 'm'`. Types are nothing. */
export function importSteps(node: TSESTree.ImportClause, steps: Steps): readonly OriginStep[] {
  const declaration = node.parent as TSESTree.ImportDeclaration;
  // Flow has `typeof` beside `type`; plain JavaScript has no kind at all.
  const kinds = [declaration.importKind, 'importKind' in node ? node.importKind : undefined];
  if (kinds.some((kind) => kind !== undefined && kind !== 'value')) return [];
  const { source } = declaration;
  return [{ module: source.value, path: [...importedPath(node), ...steps], source }];
}

/** `import m = require('m')`, `import R = m.Redis`. */
export function requireEqualsSteps(
  { importKind, moduleReference }: TSESTree.TSImportEqualsDeclaration,
  steps: Steps,
): readonly OriginStep[] {
  if (importKind === 'type') return [];
  if (moduleReference.type !== 'TSExternalModuleReference') return [{ node: moduleReference, steps }];
  const source = moduleReference.expression;
  return typeof source.value === 'string' ? [{ module: source.value, path: steps, source }] : [];
}

/** The exports of the module that an expression names. It can be fixed where the name stands in that place itself. */
function moduleSteps(name: TSESTree.Node, steps: Steps, { textOf }: SourceContext): readonly OriginStep[] {
  const module = textOf(name);
  if (module === undefined) return [];
  const isPlain = name.type === 'Literal' || (name.type === 'TemplateLiteral' && name.quasis.length === 1);
  return [{ module, path: steps, source: isPlain ? name : undefined }];
}

/** `import('m')`. */
export function importExpressionSteps(
  { source }: TSESTree.ImportExpression,
  steps: Steps,
  surroundings: SourceContext,
): readonly OriginStep[] {
  return moduleSteps(source, steps, surroundings);
}

function returned(node: TSESTree.Node, surroundings: SourceContext): TSESTree.Node[] {
  if (node.type === 'ReturnStatement') return node.argument ? [node.argument] : [];
  return surroundings
    .childrenOf(node)
    .filter(isStatement)
    .flatMap((child) => returned(child, surroundings));
}

/** What a call of this function gives: what it returns. */
export function returnSteps(
  fn: FunctionNode,
  steps: Steps,
  surroundings: SourceContext,
): readonly OriginStep[] {
  if (steps[0] !== CALL || fn.generator) return [];
  const values = fn.body.type === 'BlockStatement' ? returned(fn.body, surroundings) : [fn.body];
  return values.map((node) => ({ node, steps: steps.slice(1) }));
}
