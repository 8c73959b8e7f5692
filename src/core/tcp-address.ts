import { endianness } from 'node:os';

/** The kernel prints an address as 32-bit words in its own byte order. */
function readWord(hex: string): string {
  return endianness() === 'LE' ? hex.replace(/^(..)(..)(..)(..)$/, '$4$3$2$1') : hex;
}

/**
 * Reads the hexadecimal address of a row of `/proc/net/tcp` or `tcp6`. An IPv6 address comes with all of its zeros.
 *
 * @see https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
export function readKernelAddress(hex: string): string {
  const bytes = Buffer.from(hex.replace(/.{8}/g, readWord), 'hex');
  if (bytes.length === 4) return bytes.join('.');
  return bytes.toString('hex').replace(/.{4}(?=.)/g, '$&:');
}

/** One end of a TCP connection as the server writes it: `127.0.0.1:6379`, `[::1]:6379`. */
export function formatHostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
