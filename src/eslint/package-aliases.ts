import { isAbsolute, join } from 'node:path';
import { foldersAbove, readText } from './mocks/project-folder.js';

/** Names under which package.json files install other packages: `redis-v3` for `"redis-v3": "npm:redis@3"`. */
export type PackageAliases = ReadonlyMap<string, string>;

/** The name of a package, and a path inside it. */
export const PACKAGE_PATH = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/;

/** Aliases are read again after this time, in milliseconds: an editor keeps the rules loaded for days. */
const REUSE_MS = 5000;

interface Known {
  readonly aliases: PackageAliases;
  readonly readAt: number;
}

const known = new Map<string, Known>();

/** Aliases of packages in the package.json files above a file. The nearest counts. Empty for a text that is no file. */
export function packageAliasesFor(filename: string): PackageAliases {
  const folders = isAbsolute(filename) ? foldersAbove(filename) : [];
  const folder = folders[0];
  if (folder === undefined) return new Map();
  const before = known.get(folder);
  const now = Date.now();
  if (before && now - before.readAt < REUSE_MS) return before.aliases;
  const aliases = new Map(folders.toReversed().flatMap(aliasesIn));
  known.set(folder, { aliases, readAt: now });
  return aliases;
}

/** An entry such as `"redis-v3": "npm:redis@^3.1.2"`. Yarn's `"redis": "npm:^3.1.2"` is no alias: it names no package. */
const ALIAS = /"((?:@[\w.-]+\/)?[\w.-]+)"\s*:\s*"npm:(@[\w.-]+\/[\w.-]+|[\w.-]+(?=@))(?:@[^"]*)?"/g;

function aliasesIn(folder: string): [string, string][] {
  const text = readText(join(folder, 'package.json')) ?? '';
  return [...text.matchAll(ALIAS)].map(([, alias = '', name = '']) => [alias, name]);
}
