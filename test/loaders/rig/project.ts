import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, inject } from 'vitest';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** Exit code and output of a command. */
interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of a fixture in a temporary folder, in which the packed package is installed. */
export interface LoaderProject {
  readonly dir: string;
  /** Runs a command in the folder. Programs of installed packages are found. It is killed after five minutes. */
  run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CommandResult>;
  /** Version of an installed package. */
  versionOf(packageName: string): string;
}

/** How a fixture is installed. It expects the packed package as `file:redis-hygiene.tgz`. */
export type Install = readonly [command: string, ...args: string[]];

const NPM: Install = ['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline'];

/**
 * Copies a fixture and installs it before the tests of this file, and removes it afterwards.
 *
 * @param fixture Its folder in fixtures/. Of several, each is copied over the ones before it.
 */
export function useProject(fixture: string | readonly string[], install: Install = NPM): LoaderProject {
  const folders = [fixture].flat();
  let dir = '';
  const run: LoaderProject['run'] = (command, args, env = {}) => runIn(dir, command, args, env);

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), `redis-hygiene-${basename(folders.at(-1) ?? '')}-`));
    for (const folder of folders) cpSync(join(FIXTURES, folder), dir, { recursive: true });
    copyFileSync(inject('tarball'), join(dir, 'redis-hygiene.tgz'));
    const [command, ...args] = install;
    const { code, stdout, stderr } = await run(command, args);
    if (code !== 0) throw new Error(`The fixture ${folders.join()} cannot be installed:\n${stdout}${stderr}`);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  return {
    get dir() {
      return dir;
    },
    run,
    versionOf(packageName) {
      const manifest = readFileSync(join(dir, 'node_modules', packageName, 'package.json'), 'utf8');
      return (JSON.parse(manifest) as { version: string }).version;
    },
  };
}

/** The longest time that a command may take on a busy machine. */
const TIMEOUT_MS = 300_000;

function runIn(
  dir: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const path = `${join(dir, 'node_modules/.bin')}:${process.env['PATH']}`;
  // Variables of the test runner and of npm would change what the fixture's own test runner does, and its service name.
  const unset = { NODE_ENV: undefined, VITEST: undefined, npm_package_name: undefined };
  const options = { cwd: dir, env: { ...process.env, ...unset, PATH: path, ...env }, timeout: TIMEOUT_MS };
  return new Promise((resolve) => {
    const child = execFile(command, [...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? (child.exitCode ?? 1) : 0, stdout, stderr }),
    );
  });
}
