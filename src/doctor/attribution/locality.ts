import { networkInterfaces } from 'node:os';
import { isLoopback, isUnixSocket, normaliseIp, splitAddr } from './ip.js';
import type { IsLocal } from './peer.js';

/** The ends of a socket, as this program sees them. */
export interface SocketEnds {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** The row of this program's own connection. */
export interface OwnRow {
  readonly addr: string;
  /** `''` before Redis 6.2. */
  readonly laddr: string;
}

/** No address is known to be one of this machine: of a file, or of a server that is asked through a tunnel. */
export const nowhere: IsLocal = () => false;

/** The addresses of this machine. */
export function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.flatMap(({ address }) => normaliseIp(address) ?? []));
}

function isEnd(addr: string, address: string | undefined, port: number | undefined): boolean {
  const { ip, port: listed } = splitAddr(addr);
  return ip === normaliseIp(address ?? '') && listed === port;
}

/** Whether the server sees both ends as this program does: then nothing in between gives addresses another meaning. */
function isDirect({ addr, laddr }: OwnRow, socket: SocketEnds): boolean {
  const far = laddr === '' || isEnd(laddr, socket.remoteAddress, socket.remotePort);
  return far && isEnd(addr, socket.localAddress, socket.localPort);
}

/**
 * Tells which addresses in a server's list are those of this machine. The same address is another one behind a tunnel, a
 * proxy or a published port, and loopback is the server's own: so this program's own row is compared with its socket.
 */
export function localityOf(own: OwnRow, socket: SocketEnds, addresses = ownAddresses()): IsLocal {
  const isOwn = (ip: string) => addresses.has(ip) || isLoopback(ip);
  if (isUnixSocket(splitAddr(own.addr).ip)) return isOwn;
  if (!isDirect(own, socket)) return nowhere;
  const server = normaliseIp(socket.remoteAddress ?? '') ?? '';
  return isOwn(server) ? isOwn : (ip) => addresses.has(ip) && !isLoopback(ip);
}
