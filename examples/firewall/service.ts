import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inNamespace, type Tools } from '../../test/faults/rig/tools.js';

/** What a service tells of itself. */
export type Told =
  | { readonly event: 'opened'; readonly port: number; readonly localPort: number }
  | { readonly event: 'lost'; readonly port: number }
  | { readonly event: 'stale'; readonly silentMs: number }
  | { readonly event: 'orphan'; readonly outcome: string }
  | { readonly event: 'sockets'; readonly sockets: number };

/** A small service in the clients' network. */
export interface Service extends AsyncDisposable {
  /** Everything of one kind that it has told so far. */
  told<Event extends Told['event']>(event: Event): Extract<Told, { event: Event }>[];
  /** How many TCP sockets it has open by its own count. */
  sockets(): Promise<number>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
}

export function startService(tools: Tools, namespace: string, file: string, stage: object): Service {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const [program = 'ip', ...args] = inNamespace(namespace, process.execPath, [path]);
  const child = spawn(program, args, {
    env: { ...tools.env, STAGE: JSON.stringify(stage) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const all: Told[] = [];
  const heard = new EventEmitter();
  child.on('message', (message: Told) => {
    all.push(message);
    heard.emit(message.event, message);
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const ended = exit.then((code): never => {
    throw new Error(`${file} ended with ${code}`);
  });
  ended.catch(() => undefined); // it ends in every run; only who waits for something else hears of it

  return {
    told: <Event extends Told['event']>(event: Event) =>
      all.filter((one): one is Extract<Told, { event: Event }> => one.event === event),
    async sockets() {
      const answer = once(heard, 'sockets');
      child.send({});
      const [{ sockets }] = (await Promise.race([answer, ended])) as [{ sockets: number }];
      return sockets;
    },
    stop() {
      child.kill('SIGTERM');
      return exit;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
