import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import picomatch from 'picomatch';
import { isCommonJsExport } from './module-exports.js';

/** What a rule knows of the file's name. */
interface Named {
  readonly cwd: string;
  readonly filename: string;
}

const TEST =
  /(?:^|[/\\])(?:tests?|__tests__|__mocks__|specs?|e2e|fixtures|benchmarks?|bench)[/\\]|[.-](?:test|spec|e2e|e2e-spec|bench|stories)\.[cm]?[jt]sx?$/i;

const CONFIGURATION = /[.-](?:config|setup)\.[cm]?[jt]s$|\.d(?:\.\w+)?\.[cm]?ts$/i;

function pathOf({ cwd, filename }: Named): string {
  return filename.startsWith(cwd) ? filename.slice(cwd.length) : filename;
}

/** Whether a file belongs to the tests, by its name or its folder. */
export function isTest(file: Named): boolean {
  return TEST.test(pathOf(file));
}

/** Whether a file is a configuration or a declaration: nothing that is started by itself. */
export function isConfiguration(file: Named): boolean {
  return CONFIGURATION.test(pathOf(file));
}

/** Globs have slashes on Windows too, and its drives have letters of either case. */
function slashed(path: string): string {
  return path.replaceAll('\\', '/').replace(/^[a-z]:/, (drive) => drive.toUpperCase());
}

function relativeTo(cwd: string, file: string): string {
  const folder = `${slashed(cwd).replace(/\/$/, '')}/`;
  const path = slashed(file);
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

/** Elsewhere picomatch takes a bracket without its other one for a letter, and the glob names no file. */
function refuseUnreadable(glob: string): void {
  try {
    picomatch.makeRe(glob, { strictBrackets: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The option has "${glob}", which is no glob: ${why}.`, { cause });
  }
}

/** Whether a file is one of those that globs name, which are relative to the folder that ESLint runs in. */
export function isAllowed(
  { cwd, filename }: { cwd: string; filename: string },
  globs: readonly string[],
): boolean {
  if (globs.length === 0) return false;
  globs.forEach(refuseUnreadable);
  const patterns = globs.map((glob) => glob.replace(/^\.\//, ''));
  return picomatch.isMatch(relativeTo(cwd, filename), patterns, { dot: true });
}

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
