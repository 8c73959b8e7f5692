import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../scripts/build/if-needed.js';
import { paint, say } from './screen.js';

/** A finding of `doctor --json`, as far as the demo reads it. */
interface Finding {
  readonly owner?: string;
  readonly attribution?: { readonly source: string };
}

/** Runs the doctor on a server and shows its command line and output. Resolves with the findings of a second run. */
export async function runDoctor(url: string): Promise<readonly Finding[]> {
  const { target, env } = withoutPassword(url);
  say(paint('bold', `$ npx redis-hygiene doctor ${target}`));
  await startDoctor([target], env, 'inherit').ended;
  const { stdout, ended } = startDoctor([target, '--json'], env, ['ignore', 'pipe', 'ignore']);
  const [output] = await Promise.all([stdout && text(stdout), ended]);
  return output ? (JSON.parse(output) as { findings: readonly Finding[] }).findings : [];
}

/** Whether a finding is about the connections of this process, which the doctor has found by their ports. */
export function isAbout({ owner = '', attribution }: Finding, pid: number): boolean {
  return attribution?.source === 'process' && owner.endsWith(`(pid ${pid})`);
}

/** Moves the password from the URL to the environment: the command line is shown. */
function withoutPassword(text: string): { readonly target: string; readonly env: NodeJS.ProcessEnv } {
  const url = new URL(text);
  const password = decodeURIComponent(url.password);
  url.password = '';
  return { target: url.href, env: password ? { REDISCLI_AUTH: password } : {} };
}

/** Starts the program that `npx redis-hygiene` runs. */
function startDoctor(args: readonly string[], env: NodeJS.ProcessEnv, stdio: StdioOptions) {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    bin: Readonly<Record<'redis-hygiene', string>>;
  };
  const child = spawn(process.execPath, [join(ROOT, bin['redis-hygiene']), 'doctor', ...args], {
    env: { ...process.env, ...env },
    stdio,
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit').then(() => process.off('exit', kill));
  return { stdout: child.stdout, ended };
}
