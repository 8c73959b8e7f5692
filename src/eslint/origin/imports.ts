import type { TSESTree } from '@typescript-eslint/utils';
import type { Lead, Steps, Surroundings } from './origin.js';

/** The name under which a module exports something: `default`, an identifier, or a string (`import { 'a b' as c }`). */
export function exportedName(name: TSESTree.Identifier | TSESTree.StringLiteral): string {
  return name.type === 'Identifier' ? name.name : name.value;
}

function importedPath(node: TSESTree.ImportClause): Steps {
  if (node.type === 'ImportNamespaceSpecifier') return [];
  return [node.type === 'ImportSpecifier' ? exportedName(node.imported) : 'default'];
}

/** `import a, { b as c } from 'm'`, `import * as m from 'm'`. Types are nothing. */
export function importLeads(node: TSESTree.ImportClause, steps: Steps): readonly Lead[] {
  const declaration = node.parent as TSESTree.ImportDeclaration;
  // Flow has `typeof` beside `type`; plain JavaScript has no kind at all.
  const kinds = [declaration.importKind, 'importKind' in node ? node.importKind : undefined];
  if (kinds.some((kind) => kind !== undefined && kind !== 'value')) return [];
  const { source } = declaration;
  return [{ module: source.value, path: [...importedPath(node), ...steps], source }];
}

/** `import m = require('m')`, `import R = m.Redis`. */
export function requireEqualsLeads(
  { importKind, moduleReference }: TSESTree.TSImportEqualsDeclaration,
  steps: Steps,
): readonly Lead[] {
  if (importKind === 'type') return [];
  if (moduleReference.type !== 'TSExternalModuleReference') return [{ node: moduleReference, steps }];
  const source = moduleReference.expression;
  return typeof source.value === 'string' ? [{ module: source.value, path: steps, source }] : [];
}

/** The exports of the module that an expression names. It can be fixed where the name stands in that place itself. */
export function moduleLeads(name: TSESTree.Node, steps: Steps, { textOf }: Surroundings): readonly Lead[] {
  const module = textOf(name);
  if (module === undefined) return [];
  const isPlain = name.type === 'Literal' || (name.type === 'TemplateLiteral' && name.quasis.length === 1);
  return [{ module, path: steps, source: isPlain ? name : undefined }];
}

/** `import('m')`. */
export function importExpressionLeads(
  { source }: TSESTree.ImportExpression,
  steps: Steps,
  surroundings: Surroundings,
): readonly Lead[] {
  return moduleLeads(source, steps, surroundings);
}
