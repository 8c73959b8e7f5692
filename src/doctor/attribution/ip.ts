import { isIPv4, isIPv6 } from 'node:net';

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
