import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inNamespace, type Tools } from '../../test/faults/rig/tools.js';

/** A message of a service about its connections. */
export type Report =
  | { readonly event: 'opened'; readonly port: number; readonly localPort: number }
  | { readonly event: 'lost'; readonly port: number }
  | { readonly event: 'stale'; readonly silentMs: number }
  | { readonly event: 'orphan'; readonly outcome: string }
  | { readonly event: 'sockets'; readonly sockets: number };

/** A small service in the client's network namespace. */
export interface Service extends AsyncDisposable {
  /** All reports of one kind so far. */
  reports<Event extends Report['event']>(event: Event): Extract<Report, { event: Event }>[];
  /** Number of TCP sockets that the process has open. */
  sockets(): Promise<number>;
  /** Sends SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>;
}

export function startService(tools: Tools, namespace: string, file: string, settings: object): Service {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const [program = 'ip', ...args] = inNamespace(namespace, process.execPath, [path]);
  const child = spawn(program, args, {
    env: { ...tools.env, SETTINGS: JSON.stringify(settings) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const all: Report[] = [];
  const received = new EventEmitter();
  child.on('message', (message: Report) => {
    all.push(message);
    received.emit(message.event, message);
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const ended = exit.then((code): never => {
    throw new Error(`${file} ended with code ${code}`);
  });
  ended.catch(() => undefined); // the service ends in every run; only a pending request must fail then

  return {
    reports: <Event extends Report['event']>(event: Event) =>
      all.filter((report): report is Extract<Report, { event: Event }> => report.event === event),
    async sockets() {
      const answer = once(received, 'sockets');
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
