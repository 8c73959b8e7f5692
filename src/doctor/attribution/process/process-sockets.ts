import { formatEnd, type KernelSocket, readKernelSockets } from '../../kernel/kernel-sockets.js';
import type { Peer } from '../attribution.js';
import { splitAddr } from '../ip-address.js';

/**
 * Reads the sockets of this machine that a process owns and that have one of these local ports; `undefined` if the kernel
 * does not show them.
 *
 * @param proc `/proc`, or a folder like it
 */
export function readProcessSockets(
  proc: string,
  ports: ReadonlySet<number>,
): readonly KernelSocket[] | undefined {
  return readKernelSockets(`${proc}/net`, ports)?.filter(
    ({ local, isOwned }) => isOwned && ports.has(Number(local.slice(local.lastIndexOf(' ') + 1))),
  );
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
    const local = formatEnd(ip, port);
    const server = splitAddr(laddr);
    if (server.port !== undefined) return byBothEnds.get(`${local}>${formatEnd(server.ip, server.port)}`);
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
