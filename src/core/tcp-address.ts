import { endianness } from 'node:os';

/** Formats an address and a port as a server does: `127.0.0.1:6379`, `[::1]:6379`. */
export function formatHostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Reads the hexadecimal address of a row of `/proc/net/tcp` or `tcp6`. An IPv6 address is returned with all of its zeros.
 *
 * @see https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
export function readKernelAddress(hex: string): string {
  const bytes = Buffer.from(hex.replace(/.{8}/g, toNetworkOrder), 'hex');
  if (bytes.length === 4) return bytes.join('.');
  return bytes.toString('hex').replace(/.{4}(?=.)/g, '$&:');
}

/** The kernel prints an address as 32-bit words in the byte order of the machine. */
function toNetworkOrder(word: string): string {
  return endianness() === 'LE' ? word.replace(/^(..)(..)(..)(..)$/, '$4$3$2$1') : word;
}
