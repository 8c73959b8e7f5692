import type { Contestant } from './contestant.js';
import { readRows, type Row } from './flow.js';

/** Queries the servers from their own namespace, which no fault affects. */
export interface Observer {
  call(port: number, command: string, ...args: readonly unknown[]): Promise<unknown>;
  /** Rows of the connections that came to a server from the client's namespace. */
  rows(port: number): Promise<Row[]>;
  /** Rows of all connections of a server. */
  allRows(port: number): Promise<Row[]>;
  /** The row of the client that was opened with this name. @throws Error unless there is exactly one */
  row(port: number, name: string): Promise<Row>;
}

/** Creates an observer. It connects to a server with the first command to that server. */
export function createObserver(process: Contestant, clientAddresses: readonly string[]): Observer {
  const opened = new Map<number, Promise<void>>();

  async function call(port: number, command: string, ...args: readonly unknown[]): Promise<unknown> {
    const name = String(port);
    // Waits for a server that is not up yet, and reconnects to one that was restarted.
    const options = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
    if (!opened.has(port)) opened.set(port, process.open(name, options));
    await opened.get(port);
    return process.call(name, command, ...args);
  }

  const allRows = async (port: number) => readRows((await call(port, 'client', 'LIST')) as string);

  async function rows(port: number): Promise<Row[]> {
    return (await allRows(port)).filter(({ flow }) => clientAddresses.includes(flow.client.address));
  }

  return {
    call,
    rows,
    allRows,
    async row(port, name) {
      const found = (await rows(port)).filter((row) => row.name.endsWith(`#${name}`));
      const [row] = found;
      if (!row || found.length > 1) throw new Error(`${found.length} rows of ${name} on ${port}`);
      return row;
    },
  };
}
