import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import picomatch from 'picomatch';
import { isCommonJsExport } from './module-exports.js';

/** Name of the file that is linted, and the folder that the linter runs in. */
interface LintedFile {
  readonly cwd: string;
  readonly filename: string;
}

const TEST_PATH =
  /(?:^|[/\\])(?:tests?|__tests__|__mocks__|specs?|e2e|fixtures|benchmarks?|bench)[/\\]|[.-](?:test|spec|e2e|e2e-spec|bench|stories)\.[cm]?[jt]sx?$/i;

const CONFIGURATION_PATH = /[.-](?:config|setup)\.[cm]?[jt]s$|\.d(?:\.\w+)?\.[cm]?ts$/i;

/** Whether a file belongs to the tests, by its name or its folder. */
export function isTestFile(file: LintedFile): boolean {
  return TEST_PATH.test(pathBelowCwd(file));
}

/** Whether a file is a configuration or a declaration, so that it is never started by itself. */
export function isConfigurationFile(file: LintedFile): boolean {
  return CONFIGURATION_PATH.test(pathBelowCwd(file));
}

const MINIFIED_NAME = /[.-]min\.[cm]?js$/i;

/** Shorter files are checked, however long their lines are. In UTF-16 code units. */
const MIN_MINIFIED_LENGTH = 50_000;

/** Code that a person wrote has one or two calls in a line, minified code hundreds. Long texts in code are no calls. */
const MIN_CALLS_PER_LINE = 5;

/** Whether a file is minified, so that it is the output of a tool and nobody corrects it. */
export function isMinified(filename: string, text: string): boolean {
  if (MINIFIED_NAME.test(filename)) return true;
  if (text.length < MIN_MINIFIED_LENGTH) return false;
  const parentheses = text.split('(').length - 1;
  return parentheses / text.split('\n').length >= MIN_CALLS_PER_LINE;
}

function pathBelowCwd({ cwd, filename }: LintedFile): string {
  return filename.startsWith(cwd) ? filename.slice(cwd.length) : filename;
}

/**
 * Whether a file matches one of the globs. Globs are relative to the folder that the linter runs in.
 * @throws Error for a glob with an unbalanced bracket
 */
export function isMatchedByGlobs({ cwd, filename }: LintedFile, globs: readonly string[]): boolean {
  if (globs.length === 0) return false;
  globs.forEach(assertGlob);
  const patterns = globs.map((glob) => glob.replace(/^\.\//, ''));
  return picomatch.isMatch(relativeTo(cwd, filename), patterns, { dot: true });
}

/** Throws for an unbalanced bracket. By default picomatch takes it literally, and the glob would match no file. */
function assertGlob(glob: string): void {
  try {
    picomatch.makeRe(glob, { strictBrackets: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The option contains "${glob}", which is not a valid glob: ${reason}.`, { cause });
  }
}

function relativeTo(cwd: string, file: string): string {
  const folder = `${toPosixPath(cwd).replace(/\/$/, '')}/`;
  const path = toPosixPath(file);
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

/** Replaces backslashes, and writes drive letters in upper case: Windows reports them in either case. */
function toPosixPath(path: string): string {
  return path.replaceAll('\\', '/').replace(/^[a-z]:/, (drive) => drive.toUpperCase());
}

/** Whether a file begins with `#!`, so that it is started by itself. */
export function hasHashbang({ text }: Readonly<TSESLint.SourceCode>): boolean {
  return text.startsWith('#!');
}

/** Whether a file exports a value, so that another file may start and stop what it opens. */
export function hasExports({ ast }: Readonly<TSESLint.SourceCode>): boolean {
  return ast.body.some((node) => isExport(node) || isCommonJsExportStatement(node));
}

/** Whether a statement is an `export` of a value. `export type` does not exist at run time. */
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

/** Whether a statement assigns to `exports`, also within a chain of assignments. */
function isCommonJsExportStatement(node: TSESTree.Node): boolean {
  if (node.type === 'ExpressionStatement') return isCommonJsExportStatement(node.expression);
  if (node.type !== 'AssignmentExpression') return false;
  return isCommonJsExport(node) || isCommonJsExportStatement(node.right);
}
