import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { runCli, type CliResult, type CliEnvironment } from '../command-io.js';

/** Contents of files by path. Objects are written as JSON. */
export type Files = Readonly<Record<string, string | object>>;

/** A project in a temporary folder. */
export interface TestProject {
  readonly dir: string;
  write(files: Files): void;
  read(path: string): string;
  /** Contents of all files by path. */
  all(): Readonly<Record<string, string>>;
  init(argv?: readonly string[], environment?: CliEnvironment): Promise<CliResult>;
}

const folders: string[] = [];

function createProject(files: Files): TestProject {
  const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-init-'));
  folders.push(dir);
  const write = (given: Files) => {
    for (const [path, content] of Object.entries(given)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(
        join(dir, path),
        typeof content === 'string' ? content : JSON.stringify(content, undefined, 2),
      );
    }
  };
  const read = (path: string) => readFileSync(join(dir, path), 'utf8');
  write(files);
  return {
    dir,
    write,
    read,
    all() {
      const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1)).sort();
      return Object.fromEntries(paths.map((path) => [path, read(path)]));
    },
    init: (argv = [], environment = {}) => runCli(['init', dir, ...argv], environment),
  };
}

/** Returns a function that creates projects. They are deleted after each test. */
export function useProjects(): (files: Files) => TestProject {
  afterEach(() => {
    for (const folder of folders.splice(0)) {
      chmodSync(folder, 0o700);
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return createProject;
}
