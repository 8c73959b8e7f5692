import type { TSESTree } from '@typescript-eslint/utils';
import { exportedName } from './data-flow/call-origins.js';
import type { Origin } from './data-flow/origin.js';
import { isMemberOf } from './data-flow/syntax-nodes.js';
import type { Trace } from './data-flow/trace-origin.js';

/** A value that a module exports: the node that exports it, and where the value comes from. */
export interface ModuleExport {
  readonly node: TSESTree.Node;
  readonly origins: readonly Origin[];
}

/** Exports of `export { … }`, `export { … } from` and `export const …`, without types. */
export function namedExportsOf(node: TSESTree.ExportNamedDeclaration, trace: Trace): ModuleExport[] {
  if (node.exportKind === 'type') return [];
  if (node.source) return exportsFrom(node, node.source);
  const specifiers = node.specifiers.filter(({ exportKind }) => exportKind !== 'type');
  return [
    ...specifiers.map((specifier) => ({ node: specifier, origins: trace(specifier.local) })),
    ...declaredExports(node.declaration, trace),
  ];
}

/** The one export of `export * from` and `export * as name from`: all exports of the other module. */
export function starExportsOf(node: TSESTree.ExportAllDeclaration): ModuleExport[] {
  const { source } = node;
  return node.exportKind === 'type' ? [] : [{ node, origins: [{ module: source.value, path: [], source }] }];
}

/** Exports of an expression that is exported: the expression, or the properties of an object literal. */
export function exportedValuesOf(value: TSESTree.Node | null | undefined, trace: Trace): ModuleExport[] {
  if (!value) return [];
  const object = unwrap(value);
  if (object.type !== 'ObjectExpression') return [{ node: value, origins: trace(value) }];
  return object.properties.flatMap((property) => {
    if (property.type !== 'Property') return exportedValuesOf(property.argument, trace);
    if (isProviderToken(property)) return [];
    return exportedValuesOf(property.value, trace).map(({ node, origins }) => ({
      node: node === property.value ? property : node,
      origins,
    }));
  });
}

/** Exports of `Object.assign(exports, …)` and of a compiler's `__exportStar(…, exports)`. */
export function copiedExportsOf(
  { callee, arguments: args }: TSESTree.CallExpression,
  trace: Trace,
): ModuleExport[] {
  const [first, second] = args;
  if (!first || !second) return [];
  if (isMemberOf(callee, 'Object', ['assign']))
    return isExportsObject(first) ? args.slice(1).flatMap((value) => exportedValuesOf(value, trace)) : [];
  const name = callee.type === 'MemberExpression' ? callee.property : callee;
  const isExportStar = name.type === 'Identifier' && /^_?_exportStar$/.test(name.name);
  return isExportStar && isExportsObject(second) ? exportedValuesOf(first, trace) : [];
}

/** Whether an expression assigns to `module.exports`, `exports.name` or `module.exports.name`. */
export function isCommonJsExport({ left, operator }: TSESTree.AssignmentExpression): boolean {
  return (
    ['=', '||=', '&&=', '??='].includes(operator) && left.type === 'MemberExpression' && isExportsObject(left)
  );
}

/** Whether a node only declares what another file defines: a `.d.ts` file, `declare module 'x' { … }`. */
export function isAmbient(node: TSESTree.Node, filename: string): boolean {
  if (/\.d(?:\.\w+)?\.[cm]?ts$/.test(filename)) return true;
  for (let above: TSESTree.Node | undefined = node; above; above = above.parent) {
    if (above.type === 'TSModuleDeclaration' && above.declare) return true;
  }
  return false;
}

/** Whether an expression is `exports`, `module.exports`, or a member of these. */
function isExportsObject(node: TSESTree.Node): boolean {
  if (node.type === 'Identifier') return node.name === 'exports';
  return (
    node.type === 'MemberExpression' &&
    (isMemberOf(node, 'module', ['exports']) || isExportsObject(node.object))
  );
}

/** An expression without casts and without `Object.freeze()`, which do not change its members. */
function unwrap(value: TSESTree.Node): TSESTree.Node {
  switch (value.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
      return unwrap(value.expression);
    case 'CallExpression':
      return isMemberOf(value.callee, 'Object', ['freeze', 'seal'])
        ? unwrap(value.arguments[0] ?? value)
        : value;
    default:
      return value;
  }
}

/** Whether a property is `provide: Redis` of dependency injection: files that ask for the token get what is provided. */
function isProviderToken({ key }: TSESTree.Property): boolean {
  return key.type === 'Identifier' && key.name === 'provide';
}

function exportsFrom(node: TSESTree.ExportNamedDeclaration, source: TSESTree.StringLiteral): ModuleExport[] {
  return node.specifiers
    .filter(({ exportKind }) => exportKind !== 'type')
    .map((specifier) => ({
      node: specifier,
      origins: [{ module: source.value, path: [exportedName(specifier.local)], source }],
    }));
}

function declaredExports(
  declaration: TSESTree.ExportNamedDeclaration['declaration'],
  trace: Trace,
): ModuleExport[] {
  if (declaration?.type === 'TSImportEqualsDeclaration')
    return [{ node: declaration, origins: trace(declaration) }];
  if (declaration?.type !== 'VariableDeclaration' || declaration.declare) return [];
  return declaration.declarations.flatMap(({ id, init }) => [
    ...identifiersIn(id).map((node) => ({ node, origins: trace(node) })),
    ...(init && unwrap(init).type === 'ObjectExpression' ? exportedValuesOf(init, trace) : []),
  ]);
}

/** Identifiers that a pattern declares. */
function identifiersIn(pattern: TSESTree.Node | null): TSESTree.Node[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern];
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        identifiersIn(property.type === 'Property' ? property.value : property.argument),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap(identifiersIn);
    case 'AssignmentPattern':
      return identifiersIn(pattern.left);
    case 'RestElement':
      return identifiersIn(pattern.argument);
    default:
      return [];
  }
}
