import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { isCommonJsExport } from '../commonjs-exports.js';

/** Whether a file says by its first line that it is started. */
export function hasHashbang({ text }: Readonly<TSESLint.SourceCode>): boolean {
  return text.startsWith('#!');
}

/** `export …` in any form; `export type` gives nothing to anybody at run time. */
function isExport(node: TSESTree.ProgramStatement): boolean {
  switch (node.type) {
    case 'ExportAllDeclaration':
    case 'ExportDefaultDeclaration':
    case 'TSExportAssignment':
      return true;
    case 'ExportNamedDeclaration':
      // `export {}` only makes a file a module.
      return node.exportKind !== 'type' && (node.declaration !== null || node.specifiers.length > 0);
    default:
      return false;
  }
}

function isCommonJsExporting(node: TSESTree.Node): boolean {
  if (node.type === 'ExpressionStatement') return isCommonJsExporting(node.expression);
  if (node.type !== 'AssignmentExpression') return false;
  return isCommonJsExport(node) || isCommonJsExporting(node.right);
}

/** Whether a file gives something to others, so that somebody else may start and stop it. */
export function exportsSomething({ ast }: Readonly<TSESLint.SourceCode>): boolean {
  return ast.body.some((node) => isExport(node) || isCommonJsExporting(node));
}
