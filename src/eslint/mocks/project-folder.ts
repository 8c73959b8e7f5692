import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * The folder whose tests may mock what a file imports: the repository or the workspace around it, else the folder of the
 * nearest package.json. Undefined for a file outside of a project, and for the name of a text that is no file.
 */
export function findProjectFolder(filename: string): string | undefined {
  if (!isAbsolute(filename)) return undefined;
  const folders = foldersAbove(filename);
  return folders.find(isRootFolder) ?? folders.find((folder) => existsSync(join(folder, 'package.json')));
}

/** Folders above a path, the nearest first. */
export function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}

/** Files and folders of the root of a repository or a workspace. */
const ROOT_FILES = ['.git', 'pnpm-workspace.yaml', 'lerna.json', 'nx.json', 'rush.json'];

function isRootFolder(folder: string): boolean {
  return ROOT_FILES.some((file) => existsSync(join(folder, file))) || hasWorkspaces(folder);
}

function hasWorkspaces(folder: string): boolean {
  return /"workspaces"\s*:/.test(readText(join(folder, 'package.json')) ?? '');
}

/** Text of a file; undefined if it cannot be read. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // no test can read it either
  }
}

/** Folders of installed and generated files. Folders whose names begin with a dot are skipped too. */
const SKIPPED_FOLDERS = new Set(['node_modules', 'bower_components', 'dist', 'build', 'out', 'coverage']);

const SOURCE_FILE = /\.[cm]?[jt]sx?$/;
const DECLARATION_FILE = /\.d(?:\.\w+)?\.[cm]?ts$/;

/** The source files of a folder and of the folders in it, in the order of their names. Links are not followed. */
export function* sourceFilesIn(folder: string): Generator<string, void> {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !SKIPPED_FOLDERS.has(entry.name)) yield* sourceFilesIn(path);
    } else if (entry.isFile() && SOURCE_FILE.test(entry.name) && !DECLARATION_FILE.test(entry.name)) {
      yield path;
    }
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return []; // no test can read it either
  }
}
