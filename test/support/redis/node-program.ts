import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A TypeScript module in a child process, for tests of the cleanup after the process has died. */
export interface NodeProgram extends AsyncDisposable {
  /** Exit code, or `null` if the process was ended by a signal. */
  readonly exitCode: Promise<number | null>;
  /** The first line of the program's output, parsed as JSON. */
  printed(): Promise<unknown>;
  /** Sends SIGKILL, so that no handler of the program runs. */
  kill(): Promise<void>;
}

export function nodeProgram(source: string, env: NodeJS.ProcessEnv = process.env): NodeProgram {
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', source];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  const kill = async () => {
    child.kill('SIGKILL');
    await exitCode;
  };
  return {
    exitCode,
    kill,
    [Symbol.asyncDispose]: kill,
    async printed() {
      let text = '';
      for await (const chunk of child.stdout) {
        text += String(chunk);
        if (text.includes('\n')) break;
      }
      return JSON.parse(text.split('\n')[0] ?? '') as unknown;
    },
  };
}
