import { execFile } from 'node:child_process';
import process from 'node:process';

/** Node that samples run on. `npm run test:nodes` sets another one. */
export const NODE = process.env['REDIS_HYGIENE_TEST_NODE'] ?? process.execPath;

/** Time limit of a tool, and of the tests of a sample. */
const TIMEOUT_MS = 60_000;

/** Environment without the variables of npm and vitest, from which redis-hygiene would take the name of the service. */
export function cleanEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], HOSTNAME: 'web-1', ...more };
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** @default [0] */
  readonly allowedCodes?: readonly number[];
}

/**
 * Runs Node in a folder. Returns its standard output.
 *
 * @throws Error with its output, when it exits with a code that is not allowed
 */
export function runNode(
  cwd: string,
  args: readonly string[],
  { env = {}, allowedCodes = [0] }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: cleanEnv(env), timeout: TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
    execFile(NODE, args, options, (error, stdout, stderr) => {
      if (!error || allowedCodes.includes(Number(error.code))) resolve(stdout);
      else reject(new Error(`node ${args.join(' ')}: ${error.message}\n${stdout}\n${stderr}`));
    });
  });
}
