import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INTRODUCTION = `redis-hygiene contains code of the packages below, each under its own license.
`;

/** The part of package.json that a notice shows. */
interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/**
 * Writes THIRD-PARTY-NOTICES: the licenses of the packages that the built files contain.
 *
 * @param modules Paths of all source files in the built files.
 */
export function writeNotices(file: string, modules: readonly string[]): void {
  const folders = new Set(modules.map(packageFolderOf).filter((folder) => folder !== undefined));
  writeFileSync(file, [INTRODUCTION, ...[...folders].sort().map(noticeOf)].join('\n'));
}

/** The folder of the package that a file belongs to. Undefined for a file of redis-hygiene. */
function packageFolderOf(file: string): string | undefined {
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

/** @throws Error if a package has no license text */
function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as PackageFacts;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} is built in, but ${folder} has no license text.`);
  const title = `${name} ${version} (${license})`;
  return `${'-'.repeat(80)}\n${title}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}
