import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentWith } from '../packages.js';
import { findOnPath } from '../redis/command.js';

const run = promisify(execFile);

export const shells = ['bash', 'zsh', 'fish'] as const;

/** A shell that completes command lines. */
export interface Shell {
  /** What it offers at the end of a command line of ours, sorted. */
  readonly offer: (script: string, line: string) => Promise<readonly string[]>;
}

/** What each is started with; it reads no file of the person who runs this. */
const quiet = { bash: ['--norc', '--noprofile'], zsh: ['-f'], fish: ['--no-config'] } as const;

/** Where a program was unpacked; `''` for one that is installed. */
function rootOf(program: string, name: string): string {
  const [, root = ''] = new RegExp(`^(.*?)(?:/usr)?(?:/local)?/s?bin/${name}$`).exec(program) ?? [];
  return root;
}

/** Finds a shell, or has it unpacked from the packages of the system. @throws Error when it cannot be had */
export async function openShell(name: (typeof shells)[number], cwd: string): Promise<Shell> {
  const env = await environmentWith([{ program: name, packageName: name }]);
  const program = (await findOnPath(name, env['PATH'])) ?? name;
  const driver = fileURLToPath(new URL(`complete.${name}`, import.meta.url));
  const clean = { ...env, TERM: 'dumb', HOME: cwd, XDG_CONFIG_HOME: cwd, XDG_DATA_HOME: cwd };
  return {
    async offer(script, line) {
      const given = name === 'bash' ? line.split(' ') : [rootOf(program, name), line];
      const argv = [...quiet[name], driver, script, ...given];
      const { stdout } = await run(program, argv, { cwd, env: clean, timeout: 20_000 });
      return [...new Set(stdout.split('\n').filter(Boolean))].sort();
    },
  };
}
