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
  /** A config of oxlint, in a project without a config of ESLint. */
  | { readonly kind: 'oxlint'; readonly path: string; readonly text: string }
  /** ESLint is installed but not configured. */
  | { readonly kind: 'unconfigured' }
  /** No linter is installed. */
  | { readonly kind: 'none' };

/** Finds the config of ESLint or oxlint that applies to a project. */
export function findEslint(folder: string, manifest: Manifest): EslintSetup {
  const flat = flatConfigIn(folder);
  if (flat !== undefined) return { kind: 'flat', path: flat, text: readText(folder, flat) ?? '' };
  if (manifest.hasEslintConfig) return { kind: 'eslintrc', path: 'package.json (eslintConfig)' };
  return (
    findConfig([folder], folder) ??
    findConfig(sharingFolders(folder), folder) ?? {
      kind: 'eslint' in manifest.dependencies ? 'unconfigured' : 'none',
    }
  );
}

/** The config in the first of these folders that has one. */
function findConfig(folders: readonly string[], folder: string): EslintSetup | undefined {
  for (const current of folders) {
    const pathOf = (name: string) => relative(folder, join(current, name)).replaceAll('\\', '/');
    const flat = flatConfigIn(current);
    if (flat !== undefined)
      return { kind: 'shared', path: pathOf(flat), text: readText(current, flat) ?? '' };
    const eslintrc = readFolder(current).find((name) => ESLINTRC.test(name));
    if (eslintrc !== undefined) return { kind: 'eslintrc', path: pathOf(eslintrc) };
    const oxlint = OXLINT_CONFIGS.find((name) => isFile(current, name));
    if (oxlint !== undefined)
      return { kind: 'oxlint', path: pathOf(oxlint), text: readText(current, oxlint) ?? '' };
  }
  return undefined;
}

const FLAT_CONFIGS = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map(
  (extension) => `eslint.config.${extension}`,
);
const OXLINT_CONFIGS = ['.oxlintrc.json', '.oxlintrc.jsonc'];
const ESLINTRC = /^\.eslintrc(?:\.(?:js|cjs|json|yml|yaml))?$/;

function flatConfigIn(folder: string): string | undefined {
  return FLAT_CONFIGS.find((name) => isFile(folder, name));
}

/** Whether a folder is the root of a repository. A config above it belongs to another project. */
const isRepositoryRoot = (folder: string) => readFolder(folder).includes('.git');

/** Folders above a folder whose configs it shares: those up to the root of the repository, nearest first. */
function sharingFolders(folder: string): readonly string[] {
  if (isRepositoryRoot(folder)) return [];
  const parents = parentFolders(folder);
  const root = parents.findIndex(isRepositoryRoot);
  return root === -1 ? [] : parents.slice(0, root + 1); // without a repository, they may belong to other projects
}
