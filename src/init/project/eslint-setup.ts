import { join, relative } from 'node:path';
import type { Manifest } from './manifest.js';
import { above, isFile, namesIn, readText } from './project-files.js';

/** How a project is linted. */
export type EslintSetup =
  /** A flat config of its own. */
  | { readonly kind: 'flat'; readonly path: string; readonly text: string }
  /** A flat config further up, for several packages. */
  | { readonly kind: 'above'; readonly path: string; readonly text: string }
  /** The form of ESLint 8 and before. */
  | { readonly kind: 'old'; readonly path: string }
  /** Installed, and not configured. */
  | { readonly kind: 'unconfigured' }
  | { readonly kind: 'none' };

const FLAT = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((extension) => `eslint.config.${extension}`);
const OLD = /^\.eslintrc(?:\.(?:js|cjs|json|yml|yaml))?$/;

/** Above it, somebody else's configuration begins. */
const isRoot = (folder: string) => namesIn(folder).includes('.git');

function flatConfig(folder: string): string | undefined {
  return FLAT.find((name) => isFile(folder, name));
}

function configAbove(folder: string): string | undefined {
  if (isRoot(folder)) return undefined;
  const folders = above(folder);
  const end = folders.findIndex(isRoot);
  if (end === -1) return undefined; // without a repository nobody knows whose folders those are
  const found = folders.slice(0, end + 1).flatMap((one) => {
    const name = flatConfig(one);
    return name === undefined ? [] : [join(one, name)];
  });
  return found[0];
}

export function findEslint(folder: string, manifest: Manifest): EslintSetup {
  const own = flatConfig(folder);
  if (own !== undefined) return { kind: 'flat', path: own, text: readText(folder, own) ?? '' };
  const old = namesIn(folder).find((name) => OLD.test(name));
  if (old !== undefined) return { kind: 'old', path: old };
  if (manifest.hasEslintConfig) return { kind: 'old', path: 'package.json (eslintConfig)' };
  const higher = configAbove(folder);
  if (higher !== undefined) {
    return { kind: 'above', path: relative(folder, higher), text: readText(higher) ?? '' };
  }
  return { kind: 'eslint' in manifest.dependencies ? 'unconfigured' : 'none' };
}
