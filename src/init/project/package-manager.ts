import { isFile, parentFolders, readFolder, readText } from './project-files.js';

/** How the commands of a package manager begin. */
export interface PackageManager {
  readonly name: string;
  readonly add: string;
  readonly addDev: string;
  /** Runs a program of an installed package. */
  readonly exec: string;
}

const npm: PackageManager = {
  name: 'npm',
  add: 'npm install',
  addDev: 'npm install --save-dev',
  exec: 'npx',
};

/** Package managers with the names of their lockfiles. */
const packageManagers: readonly (PackageManager & { readonly lockfiles: readonly string[] })[] = [
  { name: 'pnpm', add: 'pnpm add', addDev: 'pnpm add -D', exec: 'pnpm exec', lockfiles: ['pnpm-lock.yaml'] },
  { name: 'yarn', add: 'yarn add', addDev: 'yarn add -D', exec: 'yarn', lockfiles: ['yarn.lock'] },
  { name: 'bun', add: 'bun add', addDev: 'bun add -d', exec: 'bunx', lockfiles: ['bun.lock', 'bun.lockb'] },
  { ...npm, lockfiles: ['package-lock.json', 'npm-shrinkwrap.json'] },
];

/**
 * The package manager of a project: the one that `packageManager` of package.json names, else the one whose lockfile is
 * there, in the folder or above it, up to the root of the repository. npm if nothing tells.
 */
export function findPackageManager(folder: string): PackageManager {
  for (const current of [folder, ...parentFolders(folder)]) {
    const named = /"packageManager"\s*:\s*"(\w+)@/.exec(readText(current, 'package.json') ?? '')?.[1];
    const found =
      packageManagers.find(({ name }) => name === named) ??
      packageManagers.find(({ lockfiles }) => lockfiles.some((file) => isFile(current, file)));
    if (found) return found;
    if (readFolder(current).includes('.git')) break;
  }
  return npm;
}
