import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Folders of an installed package and of all its dependencies, relative to `root`. A folder inside of another one is left
 * out, because it is copied together with the outer one.
 */
export function dependencyFolders(root: string, name: string): string[] {
  const found = new Set<string>();
  const visit = (from: string, dependency: string): void => {
    const folder = locate(from, root, dependency);
    if (found.has(folder)) return;
    found.add(folder);
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    const { dependencies = {} } = JSON.parse(text) as { readonly dependencies?: Record<string, string> };
    for (const next of Object.keys(dependencies)) visit(folder, next);
  };
  visit(root, name);
  const folders = [...found].map((folder) => relative(root, folder));
  return folders.filter((folder) => folder.lastIndexOf('node_modules') === 0);
}

/** Finds a package as Node does, in the nearest `node_modules` that has it. */
function locate(from: string, root: string, name: string): string {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (from === root) throw new Error(`${name} is not installed in ${root}`);
  return locate(dirname(from), root, name);
}
