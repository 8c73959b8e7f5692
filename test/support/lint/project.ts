import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Packages that are installed in a linted project, beside redis-hygiene itself. */
const PACKAGES = [
  '@types/node',
  '@valkey/valkey-glide',
  'close-with-grace',
  'eslint',
  'eslint9',
  'eventemitter3',
  'generic-pool',
  'ioredis',
  'iovalkey',
  'oxlint',
  'redis',
  'typescript',
  'typescript-eslint',
  'vitest',
];

/** Exit code and output of a command. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder for source files, in which redis-hygiene and the linters are installed. */
export interface Project extends Disposable {
  readonly dir: string;
  write(file: string, text: string): void;
  /** Runs a program of an installed package in the folder. */
  run(program: string, args: readonly string[], input?: string): Promise<CommandResult>;
}

function linkPackage(modules: string, name: string): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
}

/** Installs redis-hygiene as it is published: dist and package.json. */
function installRedisHygiene(modules: string): void {
  const own = join(modules, 'redis-hygiene');
  mkdirSync(own, { recursive: true });
  cpSync(join(ROOT, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(own, 'package.json'));
}

function runIn(dir: string, program: string, args: readonly string[], input: string): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(dir, 'node_modules', program), ...args],
      { cwd: dir, maxBuffer: 2 ** 26, timeout: 120_000 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => undefined); // the program has ended without reading its input
    child.stdin?.end(input);
  });
}

/** Creates a project in a temporary folder. */
export function createProject(): Project {
  const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-lint-'));
  const modules = join(dir, 'node_modules');
  installRedisHygiene(modules);
  for (const name of PACKAGES) linkPackage(modules, name);
  const project: Project = {
    dir,
    write: (file, text) => {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), text);
    },
    run: (program, args, input = '') => runIn(dir, program, args, input),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
  project.write('package.json', '{ "name": "linted", "type": "module" }');
  return project;
}

/** A path in the form of findings: relative to the project's folder, with slashes. */
export function pathInProject({ dir }: Project, file: string): string {
  return relative(dir, file).replaceAll('\\', '/');
}
