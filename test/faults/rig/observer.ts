import type { Contestant } from './contestant.js';
import { readRows, type Row } from './flow.js';

/** Looks at the servers from their own namespace, where no fault reaches it. */
export interface Observer {
  call(port: number, command: string, ...args: readonly unknown[]): Promise<unknown>;
  /** What a server has of connections that came through the router. */
  rows(port: number): Promise<Row[]>;
  /** The row of one client, by the name it was opened with. @throws Error unless there is exactly one */
  row(port: number, name: string): Promise<Row>;
}

/** A connection for each server, made when it is asked first. */
export function createObserver(process: Contestant, clientAddresses: readonly string[]): Observer {
  const opened = new Map<number, Promise<void>>();

  async function call(port: number, command: string, ...args: readonly unknown[]): Promise<unknown> {
    const name = String(port);
    // It waits for a server that is not up yet, and comes back to one that was restarted.
    const options = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
    if (!opened.has(port)) opened.set(port, process.open(name, options));
    await opened.get(port);
    return process.call(name, command, ...args);
  }

  async function rows(port: number): Promise<Row[]> {
    const all = readRows((await call(port, 'client', 'LIST')) as string);
    return all.filter(({ flow }) => clientAddresses.includes(flow.client.address));
  }

  return {
    call,
    rows,
    async row(port, name) {
      const found = (await rows(port)).filter((row) => row.name.endsWith(`#${name}`));
      const [row] = found;
      if (!row || found.length > 1) throw new Error(`${found.length} rows of ${name} on ${port}`);
      return row;
    },
  };
}
