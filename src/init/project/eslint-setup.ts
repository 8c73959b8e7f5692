import { join, relative } from 'node:path';
import type { Manifest } from './manifest.js';
import { isFile, parentFolders, readFolder, readText } from './project-files.js';

/** How a project is linted. */
export type EslintSetup =
  /** A flat config in the folder of the project. */
  | { readonly kind: 'flat'; readonly path: string; readonly text: string }
  /** A flat config in a folder above, which several packages share. */
  | { readonly kind: 'shared'; readonly path: string; readonly text: string }
  /** A config in the eslintrc format, as ESLint 8 and before read it. */
  | { readonly kind: 'eslintrc'; readonly path: string }
  /** ESLint is installed but not configured. */
  | { readonly kind: 'unconfigured' }
  /** ESLint is not installed. */
  | { readonly kind: 'none' };

/** Finds the ESLint config that applies to a project. */
export function findEslint(folder: string, manifest: Manifest): EslintSetup {
  const flat = flatConfigIn(folder);
  if (flat !== undefined) return { kind: 'flat', path: flat, text: readText(folder, flat) ?? '' };
  const eslintrc = readFolder(folder).find((name) => ESLINTRC.test(name));
  if (eslintrc !== undefined) return { kind: 'eslintrc', path: eslintrc };
  if (manifest.hasEslintConfig) return { kind: 'eslintrc', path: 'package.json (eslintConfig)' };
  const shared = findSharedConfig(folder);
  if (shared !== undefined) {
    return { kind: 'shared', path: relative(folder, shared), text: readText(shared) ?? '' };
  }
  return { kind: 'eslint' in manifest.dependencies ? 'unconfigured' : 'none' };
}

const FLAT_CONFIGS = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map(
  (extension) => `eslint.config.${extension}`,
);
const ESLINTRC = /^\.eslintrc(?:\.(?:js|cjs|json|yml|yaml))?$/;

function flatConfigIn(folder: string): string | undefined {
  return FLAT_CONFIGS.find((name) => isFile(folder, name));
}

/** Whether a folder is the root of a repository. A config above it belongs to another project. */
const isRepositoryRoot = (folder: string) => readFolder(folder).includes('.git');

/** Path of the nearest flat config above a folder, up to the root of the repository. */
function findSharedConfig(folder: string): string | undefined {
  if (isRepositoryRoot(folder)) return undefined;
  const parents = parentFolders(folder);
  const root = parents.findIndex(isRepositoryRoot);
  if (root === -1) return undefined; // without a repository, folders above may belong to other projects
  const configs = parents.slice(0, root + 1).flatMap((parent) => {
    const name = flatConfigIn(parent);
    return name === undefined ? [] : [join(parent, name)];
  });
  return configs[0];
}
