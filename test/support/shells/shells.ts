import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentWith } from '../packages.js';
import { findOnPath } from '../redis/command.js';

const run = promisify(execFile);

export const shells = ['bash', 'zsh', 'fish'] as const;

/** A shell that completes command lines. */
export interface Shell {
  /** Completions at the end of a redis-hygiene command line, sorted. */
  readonly complete: (script: string, line: string) => Promise<readonly string[]>;
}

/** Arguments with which a shell reads no configuration of the user. */
const withoutConfig = { bash: ['--norc', '--noprofile'], zsh: ['-f'], fish: ['--no-config'] } as const;

/** Folder that a program was unpacked into; `''` for an installed program. */
function unpackFolderOf(program: string, name: string): string {
  const [, root = ''] = new RegExp(`^(.*?)(?:/usr)?(?:/local)?/s?bin/${name}$`).exec(program) ?? [];
  return root;
}

/** Finds an installed shell, or unpacks it from a system package. @throws Error when neither is possible */
export async function openShell(name: (typeof shells)[number], cwd: string): Promise<Shell> {
  const env = await environmentWith([{ program: name, packageName: name }]);
  const program = (await findOnPath(name, env['PATH'])) ?? name;
  const driver = fileURLToPath(new URL(`complete.${name}`, import.meta.url));
  const cleanEnv = { ...env, TERM: 'dumb', HOME: cwd, XDG_CONFIG_HOME: cwd, XDG_DATA_HOME: cwd };
  return {
    async complete(script, line) {
      const args = name === 'bash' ? line.split(' ') : [unpackFolderOf(program, name), line];
      const argv = [...withoutConfig[name], driver, script, ...args];
      const { stdout } = await run(program, argv, { cwd, env: cleanEnv, timeout: 60_000 });
      return [...new Set(stdout.split('\n').filter(Boolean))].sort();
    },
  };
}
