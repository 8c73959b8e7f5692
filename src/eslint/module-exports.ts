import type { TSESTree } from '@typescript-eslint/utils';
import { exportedName } from './data-flow/call-origins.js';
import type { Origin } from './data-flow/origin.js';
import { isMemberOf } from './data-flow/syntax-nodes.js';
import type { Trace } from './data-flow/trace-origin.js';

/** A value that a module gives to others: where that is said, and where the value comes from. */
export interface Export {
  readonly node: TSESTree.Node;
  readonly origins: readonly Origin[];
}

/** An expression without what changes nothing about it: casts, and `Object.freeze()`. */
function bare(value: TSESTree.Node): TSESTree.Node {
  switch (value.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
      return bare(value.expression);
    case 'CallExpression':
      return isMemberOf(value.callee, 'Object', ['freeze', 'seal'])
        ? bare(value.arguments[0] ?? value)
        : value;
    default:
      return value;
  }
}

/** `provide: Redis` of a dependency injection is a token: whoever asks for it gets what is provided. */
function isToken({ key }: TSESTree.Property): boolean {
  return key.type === 'Identifier' && key.name === 'provide';
}

/** An expression that is exported; of an object literal, what is in it. */
export function exportedValues(value: TSESTree.Node | null | undefined, trace: Trace): Export[] {
  if (!value) return [];
  const object = bare(value);
  if (object.type !== 'ObjectExpression') return [{ node: value, origins: trace(value) }];
  return object.properties.flatMap((property) => {
    if (property.type !== 'Property') return exportedValues(property.argument, trace);
    if (isToken(property)) return [];
    return exportedValues(property.value, trace).map(({ node, origins }) => ({
      node: node === property.value ? property : node,
      origins,
    }));
  });
}

function fromModule(node: TSESTree.ExportNamedDeclaration, source: TSESTree.StringLiteral): Export[] {
  return node.specifiers
    .filter(({ exportKind }) => exportKind !== 'type')
    .map((specifier) => ({
      node: specifier,
      origins: [{ module: source.value, path: [exportedName(specifier.local)], source }],
    }));
}

/** The names that a pattern declares. */
function namesIn(pattern: TSESTree.Node | null): TSESTree.Node[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern];
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => namesIn(one.type === 'Property' ? one.value : one.argument));
    case 'ArrayPattern':
      return pattern.elements.flatMap(namesIn);
    case 'AssignmentPattern':
      return namesIn(pattern.left);
    case 'RestElement':
      return namesIn(pattern.argument);
    default:
      return [];
  }
}

function fromDeclaration(
  declaration: TSESTree.ExportNamedDeclaration['declaration'],
  trace: Trace,
): Export[] {
  if (declaration?.type === 'TSImportEqualsDeclaration')
    return [{ node: declaration, origins: trace(declaration) }];
  if (declaration?.type !== 'VariableDeclaration' || declaration.declare) return [];
  return declaration.declarations.flatMap(({ id, init }) => [
    ...namesIn(id).map((node) => ({ node, origins: trace(node) })),
    ...(init && bare(init).type === 'ObjectExpression' ? exportedValues(init, trace) : []),
  ]);
}

/** What `export { … }`, `export { … } from` and `export const …` give. Types are nothing. */
export function namedExports(node: TSESTree.ExportNamedDeclaration, trace: Trace): Export[] {
  if (node.exportKind === 'type') return [];
  if (node.source) return fromModule(node, node.source);
  const listed = node.specifiers.filter(({ exportKind }) => exportKind !== 'type');
  return [
    ...listed.map((specifier) => ({ node: specifier, origins: trace(specifier.local) })),
    ...fromDeclaration(node.declaration, trace),
  ];
}

/** What `export * from` and `export * as name from` give: all of it. */
export function allExports(node: TSESTree.ExportAllDeclaration): Export[] {
  const { source } = node;
  return node.exportKind === 'type' ? [] : [{ node, origins: [{ module: source.value, path: [], source }] }];
}

/** A declaration that only says what is somewhere else: a `.d.ts` file, `declare module 'x' { … }`. */
export function isAmbient(node: TSESTree.Node, filename: string): boolean {
  if (/\.d(?:\.\w+)?\.[cm]?ts$/.test(filename)) return true;
  for (let above: TSESTree.Node | undefined = node; above; above = above.parent) {
    if (above.type === 'TSModuleDeclaration' && above.declare) return true;
  }
  return false;
}

/** Whether an expression is `exports`, `module.exports`, or a member of these. */
function isExported(node: TSESTree.Node): boolean {
  if (node.type === 'Identifier') return node.name === 'exports';
  return (
    node.type === 'MemberExpression' && (isMemberOf(node, 'module', ['exports']) || isExported(node.object))
  );
}

/** An assignment to `module.exports`, `exports.name` or `module.exports.name`. */
export function isCommonJsExport({ left, operator }: TSESTree.AssignmentExpression): boolean {
  return (
    ['=', '||=', '&&=', '??='].includes(operator) && left.type === 'MemberExpression' && isExported(left)
  );
}

/** What `Object.assign(exports, …)` and a compiler's `__exportStar(…, exports)` give to others. */
export function copiedExports({ callee, arguments: args }: TSESTree.CallExpression, trace: Trace): Export[] {
  const [first, second] = args;
  if (!first || !second) return [];
  if (isMemberOf(callee, 'Object', ['assign']))
    return isExported(first) ? args.slice(1).flatMap((value) => exportedValues(value, trace)) : [];
  const name = callee.type === 'MemberExpression' ? callee.property : callee;
  const isStar = name.type === 'Identifier' && /^_?_exportStar$/.test(name.name);
  return isStar && isExported(second) ? exportedValues(first, trace) : [];
}
