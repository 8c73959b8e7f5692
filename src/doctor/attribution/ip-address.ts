import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * The canonical spelling of an IP address: without brackets, IPv6 in one spelling, `::ffff:1.2.3.4` as IPv4. A zone
 * (`%eth0`) is dropped, since servers do not report it. `undefined` for text that is not an address.
 */
export function normalizeIp(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  return isIPv6(bare) ? canonicalIPv6(bare) : undefined;
}

/** `::ffff:1.2.3.4` as the URL standard prints it: the last 32 bits as two groups of hexadecimals. */
const MAPPED_IPV4 = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

function canonicalIPv6(text: string): string {
  // The URL standard defines one spelling of each address (lower case, the longest run of zeros shortened).
  const canonical = new URL(`redis://[${text}]`).hostname.slice(1, -1);
  const mapped = MAPPED_IPV4.exec(canonical);
  return mapped ? readMappedIPv4(mapped) : canonical;
}

function readMappedIPv4([, high = '', low = '']: readonly string[]): string {
  const groups = [high, low].map((group) => parseInt(group, 16));
  return groups.flatMap((group) => [group >> 8, group & 255]).join('.');
}

/** The field `addr` or `laddr` of `CLIENT LIST`. */
export interface IpAndPort {
  /** Canonical address, see `normalizeIp`. The path of a unix socket, or any other text, stays as the server wrote it. */
  readonly ip: string;
  /** `undefined` if there is none; 0 for a unix socket. */
  readonly port: number | undefined;
}

/**
 * Splits the field `addr` or `laddr`: `1.2.3.4:5`, `[::1]:5`, `::1:5` (Redis before 3.0), `/path:0`. The port follows the
 * last colon, because paths and IPv6 addresses may contain colons too.
 */
export function splitAddr(addr: string): IpAndPort {
  const [, host = addr, port] = /^(.*):(\d*)$/s.exec(addr) ?? [];
  return { ip: normalizeIp(host) ?? host, port: port ? Number(port) : undefined };
}

/** Whether the text is the path of a unix socket, or the name of an abstract one. */
export function isUnixSocket(ip: string): boolean {
  return ip.startsWith('/') || ip.startsWith('@');
}

/** Whether the address stands for any process on the server's own machine: loopback, or an unspecified address. */
export function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.') || ip === '0.0.0.0' || ip === '::';
}

/** Whether the address is valid on one link only, so that machines on other links may have it too. */
export function isLinkLocal(ip: string): boolean {
  return /^fe[89ab]/i.test(ip) || ip.startsWith('169.254.');
}

/** Whether an address reported by a server belongs to the machine that this program runs on. */
export type IsLocal = (ip: string) => boolean;

/** No address is known to belong to this machine: the rows come from a file, or from a server behind a tunnel. */
export const nothingIsLocal: IsLocal = () => false;

/** The two ends of a socket, as this program sees them. */
export interface SocketEnds {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** The row of this program's own connection in the server's list. */
export interface OwnRow {
  readonly addr: string;
  /** `''` before Redis 6.2. */
  readonly laddr: string;
}

/**
 * Tells which addresses in a server's list belong to this machine. Behind a tunnel, a proxy or a published port the same
 * address is another machine, and loopback is the server's own machine. So this program's own row is compared with its
 * socket.
 */
export function createIsLocal(own: OwnRow, socket: SocketEnds, addresses = machineAddresses()): IsLocal {
  const isOwn = (ip: string) => addresses.has(ip) || isLoopback(ip);
  if (isUnixSocket(splitAddr(own.addr).ip)) return isOwn;
  if (!isDirect(own, socket)) return nothingIsLocal;
  const server = normalizeIp(socket.remoteAddress ?? '') ?? '';
  return isOwn(server) ? isOwn : (ip) => addresses.has(ip) && !isLoopback(ip);
}

/** The canonical addresses of this machine. */
export function machineAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.flatMap(({ address }) => normalizeIp(address) ?? []));
}

/** Whether the server reports the same two ends as this program sees: then no proxy or NAT changes addresses in between. */
function isDirect({ addr, laddr }: OwnRow, socket: SocketEnds): boolean {
  const isSameServerEnd = laddr === '' || isSameEnd(laddr, socket.remoteAddress, socket.remotePort);
  return isSameServerEnd && isSameEnd(addr, socket.localAddress, socket.localPort);
}

function isSameEnd(addr: string, address: string | undefined, port: number | undefined): boolean {
  const listed = splitAddr(addr);
  return listed.ip === normalizeIp(address ?? '') && listed.port === port;
}
