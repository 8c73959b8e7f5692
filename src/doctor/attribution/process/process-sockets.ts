import { readFileSync } from 'node:fs';
import { readKernelAddress } from '../../../core/tcp-address.js';
import type { Peer } from '../attribution.js';
import { normalizeIp, splitAddr } from '../ip-address.js';

/** A row of the kernel's table of TCP connections that belongs to a process. */
export interface KernelSocket {
  /** `ip port`, canonical. */
  readonly local: string;
  /** `ip port`, canonical. */
  readonly remote: string;
  readonly inode: string;
  /** User id of the socket's owner. */
  readonly uid: number;
}

/**
 * Reads the sockets of this machine that have one of these local ports; `undefined` if the kernel has no such tables.
 *
 * @param proc `/proc`, or a folder like it
 */
export function readSockets(proc: string, ports: ReadonlySet<number>): readonly KernelSocket[] | undefined {
  const tables = [readTable(`${proc}/net/tcp`), readTable(`${proc}/net/tcp6`)];
  const existing = tables.filter((table) => table !== undefined);
  return existing.length === 0 ? undefined : existing.flatMap((table) => readSocketTable(table, ports));
}

/** The text of a table; `undefined` without Linux, IPv6 or /proc. */
function readTable(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw error;
  }
}

/** State of a listening socket, which has no remote end. */
const STATE_LISTEN = '0A';
/** Inode of a connection that its process has closed and the kernel still keeps. */
const NO_INODE = '0';

/**
 * Reads the rows with these local ports. Columns: number, local and remote address, state, tx_queue:rx_queue, timer,
 * retrnsmt, uid, timeout, inode.
 *
 * @see https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
export function readSocketTable(text: string, ports: ReadonlySet<number>): KernelSocket[] {
  const rows = text.split('\n').slice(1);
  return rows.flatMap((row) => {
    const columns = row.trim().split(/\s+/);
    const [, local = '', remote = '', state, , , , uid = '', , inode = NO_INODE] = columns;
    if (state === STATE_LISTEN || inode === NO_INODE) return [];
    if (!ports.has(parseInt(local.split(':')[1] ?? '', 16))) return [];
    return [{ local: readEnd(local), remote: readEnd(remote), inode, uid: Number(uid) }];
  });
}

function readEnd(hex: string): string {
  const [address = '', port = ''] = hex.split(':');
  return endKey(readAddress(address), parseInt(port, 16));
}

function readAddress(hex: string): string {
  const address = readKernelAddress(hex);
  return normalizeIp(address) ?? address;
}

/** Key of one end of a connection. */
function endKey(ip: string, port: number): string {
  return `${ip} ${port}`;
}

/**
 * Finds the socket of a peer by both ends of the connection. If the server does not report its own end, the client's end
 * must match exactly one socket.
 */
export type FindSocket = (peer: Peer) => KernelSocket | undefined;

/** Indexes sockets by their ends. */
export function createSocketFinder(sockets: readonly KernelSocket[]): FindSocket {
  const byBothEnds = new Map(sockets.map((socket) => [`${socket.local}>${socket.remote}`, socket]));
  const byLocalEnd = indexByLocalEnd(sockets);
  return ({ ip, port = 0, laddr }) => {
    const local = endKey(ip, port);
    const server = splitAddr(laddr);
    if (server.port !== undefined) return byBothEnds.get(`${local}>${endKey(server.ip, server.port)}`);
    const match = byLocalEnd.get(local);
    return match === 'several' ? undefined : match;
  };
}

/** The one socket with a local end, or `'several'`: connections to different servers may share one local port. */
type LocalMatch = KernelSocket | 'several';

function indexByLocalEnd(sockets: readonly KernelSocket[]): ReadonlyMap<string, LocalMatch> {
  const matches = new Map<string, LocalMatch>();
  for (const socket of sockets) matches.set(socket.local, matches.has(socket.local) ? 'several' : socket);
  return matches;
}
