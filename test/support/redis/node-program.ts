import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A TypeScript module in a Node process of its own: what a server does when its process dies shows only there. */
export interface NodeProgram extends AsyncDisposable {
  /** `null` after a death by signal. */
  readonly exitCode: Promise<number | null>;
  /** The first line that it prints, which is JSON. */
  printed(): Promise<unknown>;
  /** SIGKILL, so that no handler of the program runs. */
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
