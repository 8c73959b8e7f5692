import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { placeFolder } from '../../support/redis/package/atomic-folder.js';

const LIBRARIES = fileURLToPath(new URL('../libraries/', import.meta.url));

/** Versions of ioredis with which all libraries are installed, by major. */
export const ioredisVersions = { 5: '5.11.1', 6: '6.0.0' } as const;
export type Major = keyof typeof ioredisVersions;

/** The manifest of the libraries with a version of ioredis. By its `overrides` it is the only copy in the tree. */
export function manifestWith(major: Major): string {
  const manifest = JSON.parse(readFileSync(join(LIBRARIES, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  manifest.dependencies['ioredis'] = ioredisVersions[major];
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export function lockFile(major: Major): string {
  return join(LIBRARIES, `ioredis-${major}.package-lock.json`);
}

/** A folder in which the libraries are installed as the lock file says. It is made once for each lock file. */
export async function installLibraries(major: Major): Promise<string> {
  const [manifest, lock] = [manifestWith(major), readFileSync(lockFile(major), 'utf8')];
  const key = createHash('sha256').update(manifest).update(lock).digest('hex').slice(0, 16);
  const base = process.env['REDIS_HYGIENE_CACHE'] ?? join(homedir(), '.cache/redis-hygiene');
  const target = join(base, 'libraries', `ioredis-${major}-${key}`);
  // npm writes this file last.
  const isComplete = (folder: string) =>
    Promise.resolve(existsSync(join(folder, 'node_modules/.package-lock.json')));
  const fill = (folder: string): Promise<void> => {
    writeFileSync(join(folder, 'package.json'), manifest);
    writeFileSync(join(folder, 'package-lock.json'), lock);
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    return Promise.resolve();
  };
  if (!(await isComplete(target))) await placeFolder(target, { fill, isComplete });
  return target;
}
