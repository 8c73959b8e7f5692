import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Folder to which a package is unpacked, one per distribution and architecture, because several machines may share a home
 * directory.
 */
export async function cacheFolder(name: string): Promise<string> {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (key: string) => new RegExp(`^${key}="?([\\w.-]+)`, 'm').exec(release)?.[1] ?? 'any';
  const folder = `${name}-${field('ID')}-${field('VERSION_ID')}-${process.arch}`;
  return join(process.env['REDIS_HYGIENE_CACHE'] || join(base, 'redis-hygiene'), folder);
}

/** Folders of libraries. Debian has one per architecture, `usr/lib/x86_64-linux-gnu`, or `lib/…` before trixie. */
export async function libraryFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const base of [join(root, 'usr', 'lib'), join(root, 'lib')]) {
    const names = await readdir(base).catch(() => []);
    const folders = names.filter((name) => name.includes('-linux-')).map((name) => join(base, name));
    found.push(...folders, ...(names.length > 0 ? [base] : []));
  }
  return found;
}
