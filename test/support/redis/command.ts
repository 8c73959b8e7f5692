import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { tail } from './tail.js';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program and waits for its end. @throws Error with its last lines on stderr if it fails */
export function run(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { timeoutMs, env = process.env } = options;
  // Messages are parsed, so they must not be translated.
  const settings = { timeout: timeoutMs, env: { ...env, LC_ALL: 'C' }, maxBuffer: 16 * 2 ** 20 };
  return new Promise((resolve, reject) => {
    execFile(file, args, settings, (error, stdout, stderr) => {
      if (error === null) return resolve({ stdout, stderr });
      const how = error.killed ? `killed after ${timeoutMs} ms` : `code ${error.code ?? error.signal}`;
      reject(new Error(`${file} failed (${how}): ${lastLines(stderr)}`, { cause: error }));
    });
  });
}

/** Finds a program on the PATH. Symbolic links are not resolved. */
export async function findOnPath(
  program: string,
  path = process.env['PATH'] ?? '',
): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, program);
    const isUsable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isUsable) return candidate;
  }
  return undefined;
}

export function lastLines(text: string): string {
  const lines = tail(5);
  lines.add(text.trimEnd());
  return lines.text();
}
