import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** `::ffff:1.2.3.4` as the URL standard prints it: the last 32 bits as two groups of hexadecimals. */
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

function readMapped([, high = '', low = '']: readonly string[]): string {
  const bits = [high, low].map((group) => parseInt(group, 16));
  return bits.flatMap((group) => [group >> 8, group & 255]).join('.');
}

function canonicalIPv6(text: string): string {
  // The URL standard fixes one spelling of each address (lower case, the longest run of zeros shortened).
  const canonical = new URL(`redis://[${text}]`).hostname.slice(1, -1);
  const mapped = MAPPED.exec(canonical);
  return mapped ? readMapped(mapped) : canonical;
}

/**
 * The one spelling of an IP address, whatever it was written as: with brackets or without, any spelling of IPv6,
 * `::ffff:1.2.3.4` for an IPv4 address. A zone (`%eth0`) is dropped, since a server does not tell it. Nothing for
 * what is no address.
 */
export function normaliseIp(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  return isIPv6(bare) ? canonicalIPv6(bare) : undefined;
}

/** One end of a connection, as `CLIENT LIST` has it. */
export interface End {
  /** Canonical, see `normaliseIp`; the path of a unix socket, and whatever else a server wrote, stay as they are. */
  readonly ip: string;
  /** `undefined` where there is none. 0 for a unix socket. */
  readonly port: number | undefined;
}

/**
 * Takes the field `addr` or `laddr` apart: `1.2.3.4:5`, `[::1]:5`, `::1:5` (Redis before 3.0), `/path:0`. The port stands
 * behind the last colon: paths and IPv6 addresses may hold others.
 */
export function splitAddr(addr: string): End {
  const [, host = addr, port] = /^(.*):(\d*)$/s.exec(addr) ?? [];
  return { ip: normaliseIp(host) ?? host, port: port ? Number(port) : undefined };
}

/** Whether it is the path of a unix socket, or an abstract one. */
export function isUnixSocket(ip: string): boolean {
  return ip.startsWith('/') || ip.startsWith('@');
}

/** Whether it stands for whatever runs on the server's own machine: loopback, or an unspecified address. */
export function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.') || ip === '0.0.0.0' || ip === '::';
}

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

/** Whether an address, as a server tells it, is one of the machine that this program runs on. */
export type IsLocal = (ip: string) => boolean;
