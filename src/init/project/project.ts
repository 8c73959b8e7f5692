import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { HygieneError } from '../../core/errors.js';
import { findEntry } from './entry-file.js';
import { type EslintSetup, findEslint } from './eslint-setup.js';
import { type Manifest, readManifest } from './manifest.js';
import { readTsConfig, type TsConfig } from './module-system.js';
import { isFile, namesIn, readText } from './project-files.js';

/** A file of a project: its path from there, with `/`, and what it holds. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What is there. */
export interface Project {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly tsconfig: TsConfig | undefined;
  readonly eslint: EslintSetup;
  readonly entry: SourceFile | undefined;
}

/**
 * Reads a file that is meant to be the entry.
 *
 * @throws HygieneError `HYG_INIT_ENTRY`
 */
function readEntry(folder: string, file: string): SourceFile {
  const path = relative(folder, resolve(folder, file)).split(sep).join('/');
  if (path.startsWith('../') || isAbsolute(path)) {
    throw new HygieneError('HYG_INIT_ENTRY', `${file} lies outside of ${folder}.`);
  }
  const text = isFile(folder, path) ? readText(folder, path) : undefined;
  if (text === undefined) throw new HygieneError('HYG_INIT_ENTRY', `There is no file ${path} in ${folder}.`);
  return { path, text };
}

/** A link stands for the folder it leads to. A folder that is not there is told by its package.json. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

/**
 * Looks at the package in a folder.
 *
 * @param given The entry, where it was named.
 * @throws HygieneError `HYG_INIT_PACKAGE`, `HYG_INIT_MONOREPO`, `HYG_INIT_ENTRY`
 */
export function readProject(place: string, given?: string): Project {
  const folder = realFolder(place);
  const manifest = readManifest(folder);
  const tsconfig = readTsConfig(folder);
  const found = given ?? findEntry(folder, manifest, tsconfig);
  if (given === undefined) refuseMonorepo(folder, manifest, found);
  const entry = found === undefined ? undefined : readEntry(folder, found);
  return { folder, manifest, tsconfig, eslint: findEslint(folder, manifest), entry };
}

/** How far down packages lie: `services/group/orders`. */
const MAX_DEPTH = 4;
/** So many are told; the rest is counted. */
const MAX_TOLD = 40;

const SKIPPED = /^(?:\..*|node_modules|dist|build|coverage|fixtures|__fixtures__)$/;

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Folders below that have a package.json of their own. */
function packagesBelow(folder: string, depth = 0): readonly string[] {
  if (depth === MAX_DEPTH) return [];
  const folders = namesIn(folder)
    .filter((name) => !SKIPPED.test(name))
    .map((name) => join(folder, name))
    .filter(isFolder);
  return folders.flatMap((one) => [
    ...(isFile(one, 'package.json') ? [one] : []),
    ...packagesBelow(one, depth + 1),
  ]);
}

function isWorkspaceRoot(folder: string, { hasWorkspaces }: Manifest): boolean {
  const pnpm = readText(folder, 'pnpm-workspace.yaml');
  return hasWorkspaces || isFile(folder, 'lerna.json') || /^packages\s*:/m.test(pnpm ?? '');
}

/**
 * Refuses the root of a monorepo: what runs there is not one service.
 *
 * @throws HygieneError `HYG_INIT_MONOREPO`
 */
function refuseMonorepo(folder: string, manifest: Manifest, entry: string | undefined): void {
  if (!isWorkspaceRoot(folder, manifest) && entry !== undefined) return;
  const packages = packagesBelow(folder).map((one) => relative(folder, one));
  if (packages.length === 0) return;
  const told = packages.slice(0, MAX_TOLD).map((path) => `  ${path}`);
  const rest = packages.length > MAX_TOLD ? [`  and ${packages.length - MAX_TOLD} more`] : [];
  const what = `${folder} holds ${packages.length} package${packages.length === 1 ? '' : 's'}, expected one service:`;
  throw new HygieneError('HYG_INIT_MONOREPO', `${[what, ...told, ...rest].join('\n')}\n`, {
    details: { packages },
  });
}
