import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { HygieneError } from '../../core/errors.js';
import { findEntry } from './entry-file.js';
import { type EslintSetup, findEslint } from './eslint-setup.js';
import { type Manifest, readManifest } from './manifest.js';
import { readTsConfig, type TsConfig } from './module-system.js';
import { findPackageManager, type PackageManager } from './package-manager.js';
import { isFile, readFolder, readText } from './project-files.js';

/** A file of a project. */
export interface SourceFile {
  /** Relative to the folder of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** A service as `init` finds it. */
export interface Project {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly tsconfig: TsConfig | undefined;
  readonly eslint: EslintSetup;
  readonly packageManager: PackageManager;
  /** The file that the service starts with, if there is one. */
  readonly entry: SourceFile | undefined;
}

/**
 * Reads the project in a folder. Its entry file is detected unless it is given.
 *
 * @throws HygieneError `HYG_INIT_PACKAGE`, `HYG_INIT_MONOREPO`, `HYG_INIT_ENTRY`
 */
export function readProject(givenFolder: string, givenEntry?: string): Project {
  const folder = resolveFolder(givenFolder);
  const manifest = readManifest(folder);
  const tsconfig = readTsConfig(folder);
  const path = givenEntry ?? findEntry(folder, manifest, tsconfig);
  if (givenEntry === undefined) refuseMonorepo(folder, manifest, path);
  const entry = path === undefined ? undefined : readEntry(folder, path);
  return {
    folder,
    manifest,
    tsconfig,
    eslint: findEslint(folder, manifest),
    packageManager: findPackageManager(folder),
    entry,
  };
}

/** Absolute path of a folder, with symbolic links resolved. A missing folder fails later, where its package.json is read. */
function resolveFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

/** @throws HygieneError `HYG_INIT_ENTRY` */
function readEntry(folder: string, file: string): SourceFile {
  const path = relative(folder, resolve(folder, file)).split(sep).join('/');
  if (path.startsWith('../') || isAbsolute(path)) {
    throw new HygieneError('HYG_INIT_ENTRY', `${file} is outside of ${folder}.`);
  }
  const text = isFile(folder, path) ? readText(folder, path) : undefined;
  if (text === undefined) throw new HygieneError('HYG_INIT_ENTRY', `There is no file ${path} in ${folder}.`);
  return { path, text };
}

/** How many folders deep packages are looked for: `services/group/orders` needs 3. */
const MAX_PACKAGE_DEPTH = 4;
/** Packages that the error lists by name. Further ones are counted. */
const MAX_LISTED_PACKAGES = 40;

const SKIPPED_FOLDERS = /^(?:\..*|node_modules|dist|build|coverage|fixtures|__fixtures__)$/;

/**
 * Refuses the root of a monorepo, because it contains more than one service.
 *
 * @throws HygieneError `HYG_INIT_MONOREPO`
 */
function refuseMonorepo(folder: string, manifest: Manifest, entry: string | undefined): void {
  if (!isWorkspaceRoot(folder, manifest) && entry !== undefined) return;
  const packages = packagesBelow(folder).map((path) => relative(folder, path));
  if (packages.length === 0) return;
  const listed = packages.slice(0, MAX_LISTED_PACKAGES).map((path) => `  ${path}`);
  const rest =
    packages.length > MAX_LISTED_PACKAGES ? [`  and ${packages.length - MAX_LISTED_PACKAGES} more`] : [];
  const what = `${folder} contains ${packages.length} package${packages.length === 1 ? '' : 's'}, expected one service:`;
  throw new HygieneError('HYG_INIT_MONOREPO', `${[what, ...listed, ...rest].join('\n')}\n`, {
    details: { packages },
  });
}

function isWorkspaceRoot(folder: string, { hasWorkspaces }: Manifest): boolean {
  const pnpm = readText(folder, 'pnpm-workspace.yaml');
  return hasWorkspaces || isFile(folder, 'lerna.json') || /^packages\s*:/m.test(pnpm ?? '');
}

/** Folders below a folder that have a package.json. */
function packagesBelow(folder: string, depth = 0): readonly string[] {
  if (depth === MAX_PACKAGE_DEPTH) return [];
  const subfolders = readFolder(folder)
    .filter((name) => !SKIPPED_FOLDERS.test(name))
    .map((name) => join(folder, name))
    .filter(isFolder);
  return subfolders.flatMap((subfolder) => [
    ...(isFile(subfolder, 'package.json') ? [subfolder] : []),
    ...packagesBelow(subfolder, depth + 1),
  ]);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
