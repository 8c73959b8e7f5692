import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { HygieneError } from '../../core/errors.js';
import { findEntry } from './entry.js';
import { type EslintSetup, findEslint } from './eslint.js';
import { isFile, readText } from './files.js';
import { type Manifest, readManifest } from './manifest.js';
import { refuseMonorepo } from './packages.js';
import { readTsConfig, type TsConfig } from './tsconfig.js';

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
