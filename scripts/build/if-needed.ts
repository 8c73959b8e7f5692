import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of this package. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the build reads. */
const SOURCES = ['src', 'scripts/build', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** A file that exists while the build runs. It stays behind if the build fails or is killed. */
const UNFINISHED = join('node_modules', '.cache', 'redis-hygiene-unfinished-build');

/** Builds the package if its build is missing, unfinished or older than its sources. @throws Error if the build fails */
export async function buildIfNeeded(say: (line: string) => void, root = ROOT): Promise<void> {
  const why = whyBuild(root);
  if (why === undefined) return;
  say(`Building the package (npm run build, about 15 s): ${why}.`);
  const unfinished = join(root, UNFINISHED);
  mkdirSync(dirname(unfinished), { recursive: true });
  writeFileSync(unfinished, '');
  await runBuild(root);
  rmSync(unfinished);
}

/** Why the package has to be built; `undefined` if its build is complete and newer than its sources. */
export function whyBuild(root: string): string | undefined {
  if (modifiedAt(join(root, UNFINISHED)) !== undefined) return 'its last build did not finish';
  const builtAt = entryFiles(root).map((file) => modifiedAt(join(root, file)));
  const isComplete = builtAt.every((time) => time !== undefined);
  if (!isComplete) return 'it is not built yet';
  const changedAt = SOURCES.map((source) => newestIn(join(root, source)));
  return Math.max(...changedAt) > Math.min(...builtAt) ? 'its sources have changed' : undefined;
}

/** The built files that package.json names: commands, modules and types. */
function entryFiles(root: string): readonly string[] {
  const { bin, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  return [bin, exports].flatMap(textsIn).filter((file) => file !== './package.json' && !file.includes('*'));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Object.values(value ?? {}).flatMap(textsIn);
}

/** Time in milliseconds; `undefined` if the file does not exist. */
function modifiedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** The time of the last change in a file or folder. A folder itself changes when a file in it is added, renamed or removed. */
function newestIn(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  const inside = stats.isDirectory() ? readdirSync(path).map((name) => newestIn(join(path, name))) : [];
  return Math.max(stats.mtimeMs, ...inside);
}

/** Runs the build in a process group of its own, because the programs that npm starts do not end with npm. */
async function runBuild(root: string): Promise<void> {
  const child = spawn('npm', ['run', '--silent', 'build'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const kill = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  process.once('exit', kill);
  const [code] = (await once(child, 'exit')) as [number | null];
  process.off('exit', kill);
  if (code !== 0) throw new Error('npm run build failed');
}
