import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { runCli, type CliResult, type World } from '../command-io.js';

/** Files by their paths; objects become JSON. */
export type Files = Readonly<Record<string, string | object>>;

/** A project in a temporary folder. */
export interface TestProject {
  readonly dir: string;
  put(files: Files): void;
  read(path: string): string;
  /** All files and what they hold. */
  all(): Readonly<Record<string, string>>;
  init(argv?: readonly string[], world?: World): Promise<CliResult>;
}

const folders: string[] = [];

function isolated(files: Files): TestProject {
  const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-init-'));
  folders.push(dir);
  const put = (given: Files) => {
    for (const [path, content] of Object.entries(given)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(
        join(dir, path),
        typeof content === 'string' ? content : JSON.stringify(content, undefined, 2),
      );
    }
  };
  const read = (path: string) => readFileSync(join(dir, path), 'utf8');
  put(files);
  return {
    dir,
    put,
    read,
    all() {
      const names = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
      const paths = names.map((one) => join(one.parentPath, one.name).slice(dir.length + 1)).sort();
      return Object.fromEntries(paths.map((path) => [path, read(path)]));
    },
    init: (argv = [], world = {}) => runCli(['init', dir, ...argv], world),
  };
}

/** Makes projects that are gone after each test. */
export function useProjects(): (files: Files) => TestProject {
  afterEach(() => {
    for (const folder of folders.splice(0)) {
      chmodSync(folder, 0o700);
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return isolated;
}
