import { readFileSync } from 'node:fs';
import { readKernelAddress } from '../../../core/tcp-address.js';
import type { Peer } from '../attribution.js';
import { normaliseIp, splitAddr } from '../ip-address.js';

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

/** One row of the kernel's table of TCP connections, of which somebody has the socket. */
export interface KernelSocket {
  /** `ip port`, canonical. */
  readonly local: string;
  readonly remote: string;
  readonly inode: string;
  /** Id of the user whose it is. */
  readonly uid: number;
}

/** The name of an end in the table. */
function endKey(ip: string, port: number): string {
  return `${ip} ${port}`;
}

/** In the one spelling that addresses have here. */
function readAddress(hex: string): string {
  const address = readKernelAddress(hex);
  return normaliseIp(address) ?? address;
}

function readEnd(hex: string): string {
  const [address = '', port = ''] = hex.split(':');
  return endKey(readAddress(address), parseInt(port, 16));
}

/** A socket that listens has no other end. */
const LISTEN = '0A';
/** Of a connection that its process has closed, and the kernel still keeps. */
const NOBODY = '0';

/**
 * Reads the rows with these local ports. Columns: number, local and remote address, state, tx_queue:rx_queue, timer,
 * retrnsmt, uid, timeout, inode.
 *
 * @see https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
export function readTable(text: string, ports: ReadonlySet<number>): KernelSocket[] {
  const rows = text.split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, local = '', remote = '', state, , , , uid = '', , inode = NOBODY] = row.trim().split(/\s+/);
    if (state === LISTEN || inode === NOBODY) return [];
    if (!ports.has(parseInt(local.split(':')[1] ?? '', 16))) return [];
    return [{ local: readEnd(local), remote: readEnd(remote), inode, uid: Number(uid) }];
  });
}
