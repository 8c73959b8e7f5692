import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where a package is unpacked to, per distribution and architecture: a home directory is often mounted into
 * several machines.
 */
export async function cacheFolder(name: string): Promise<string> {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (key: string) => new RegExp(`^${key}="?([\\w.-]+)`, 'm').exec(release)?.[1] ?? 'any';
  const folder = `${name}-${field('ID')}-${field('VERSION_ID')}-${process.arch}`;
  return join(process.env['REDIS_HYGIENE_CACHE'] || join(base, 'redis-hygiene'), folder);
}

/** Debian keeps libraries in a folder per architecture, `usr/lib/x86_64-linux-gnu`, or in `lib/…` before trixie. */
export async function libraryFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const base of [join(root, 'usr', 'lib'), join(root, 'lib')]) {
    const names = await readdir(base).catch(() => []);
    const folders = names.filter((name) => name.includes('-linux-')).map((name) => join(base, name));
    found.push(...folders, ...(names.length > 0 ? [base] : []));
  }
  return found;
}
