import { readFileSync } from 'node:fs';
import type { Peer } from '../claim.js';
import { splitAddr } from '../ip.js';
import { endKey, readTable, type KernelSocket } from './table.js';

/** Finds the socket of a peer: by both ends, or by its own where the server does not tell its end and only one fits. */
export type FindSocket = (peer: Peer) => KernelSocket | undefined;

/** `'several'`: connections to different servers may begin at one port. */
type Only = KernelSocket | 'several';

function byOwnEnd(sockets: readonly KernelSocket[]): ReadonlyMap<string, Only> {
  const only = new Map<string, Only>();
  for (const socket of sockets) only.set(socket.local, only.has(socket.local) ? 'several' : socket);
  return only;
}

/** Orders sockets by their ends. */
export function indexSockets(sockets: readonly KernelSocket[]): FindSocket {
  const byFlow = new Map(sockets.map((socket) => [`${socket.local}>${socket.remote}`, socket]));
  const byLocal = byOwnEnd(sockets);
  return ({ ip, port = 0, laddr }) => {
    const local = endKey(ip, port);
    const server = splitAddr(laddr);
    if (server.port !== undefined) return byFlow.get(`${local}>${endKey(server.ip, server.port)}`);
    const only = byLocal.get(local);
    return only === 'several' ? undefined : only;
  };
}

/** A table that is not there: no Linux, no IPv6, or no /proc. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Reads the sockets of this machine that begin at these ports; nothing where the kernel has no such tables. */
export function readSockets(proc: string, ports: ReadonlySet<number>): readonly KernelSocket[] | undefined {
  const tables = [readIfThere(`${proc}/net/tcp`), readIfThere(`${proc}/net/tcp6`)];
  const there = tables.filter((table) => table !== undefined);
  return there.length === 0 ? undefined : there.flatMap((table) => readTable(table, ports));
}
