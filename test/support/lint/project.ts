import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What a project that is linted has installed, beside redis-hygiene itself. */
const PACKAGES = [
  '@eslint-community/eslint-utils',
  '@types/node',
  '@valkey/valkey-glide',
  'eslint',
  'eslint9',
  'eventemitter3',
  'ioredis',
  'iovalkey',
  'oxlint',
  'picomatch',
  'redis',
  'typescript',
  'typescript-eslint',
];

/** How a command ended. */
export interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with source files, in which redis-hygiene and linters are installed. */
export interface Project extends Disposable {
  readonly dir: string;
  write(file: string, text: string): void;
  /** Runs a program of an installed package in the folder. */
  run(program: string, args: readonly string[]): Promise<Ending>;
}

function place(modules: string, name: string): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
}

/** The package as it is published: dist and package.json. */
function installOwn(modules: string): void {
  const own = join(modules, 'redis-hygiene');
  mkdirSync(own, { recursive: true });
  cpSync(join(ROOT, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(own, 'package.json'));
}

function runIn(dir: string, program: string, args: readonly string[]): Promise<Ending> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(dir, 'node_modules', program), ...args],
      { cwd: dir, maxBuffer: 2 ** 26, timeout: 120_000 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

/** Lays out such a project in a folder of its own. */
export function createProject(): Project {
  const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-lint-'));
  const modules = join(dir, 'node_modules');
  installOwn(modules);
  for (const name of PACKAGES) place(modules, name);
  const project: Project = {
    dir,
    write: (file, text) => {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), text);
    },
    run: (program, args) => runIn(dir, program, args),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
  project.write('package.json', '{ "name": "linted", "type": "module" }');
  return project;
}

/** A path as it is written in findings: from the project's folder, with slashes. */
export function fromProject({ dir }: Project, file: string): string {
  return relative(dir, file).replaceAll('\\', '/');
}
