import { join, relative } from 'node:path';
import { statSync } from 'node:fs';
import { HygieneError } from '../../core/errors.js';
import { isFile, namesIn, readText } from './files.js';
import type { Manifest } from './manifest.js';

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
export function refuseMonorepo(folder: string, manifest: Manifest, entry: string | undefined): void {
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
