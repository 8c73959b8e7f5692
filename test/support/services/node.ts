import { execFile } from 'node:child_process';
import process from 'node:process';

/** The Node that samples run on; `npm run test:nodes` names another one. */
export const NODE = process.env['REDIS_HYGIENE_TEST_NODE'] ?? process.execPath;

/** How long a tool or the tests of a sample may take, in milliseconds. */
const LIMIT_MS = 60_000;

/** Nothing of the environment of npm and vitest, which would name the service. */
export function cleanEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], HOSTNAME: 'web-1', ...more };
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** @default [0] */
  readonly allowedCodes?: readonly number[];
}

/**
 * Runs Node in a folder and gives what it printed.
 *
 * @throws Error with all that it printed, when it ends with another code
 */
export function runNode(
  cwd: string,
  args: readonly string[],
  { env = {}, allowedCodes = [0] }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: cleanEnv(env), timeout: LIMIT_MS, killSignal: 'SIGKILL' } as const;
    execFile(NODE, args, options, (error, stdout, stderr) => {
      if (!error || allowedCodes.includes(Number(error.code))) resolve(stdout);
      else reject(new Error(`node ${args.join(' ')}: ${error.message}\n${stdout}\n${stderr}`));
    });
  });
}
