import { endianness } from 'node:os';
import { normaliseIp } from '../ip.js';

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
export function endKey(ip: string, port: number): string {
  return `${ip} ${port}`;
}

/** The kernel prints an address as 32-bit words in its own byte order. */
function readWord(hex: string): string {
  return endianness() === 'LE' ? hex.replace(/^(..)(..)(..)(..)$/, '$4$3$2$1') : hex;
}

function readAddress(hex: string): string {
  const bytes = Buffer.from(hex.replace(/.{8}/g, readWord), 'hex');
  if (bytes.length === 4) return bytes.join('.');
  const groups = bytes.toString('hex').replace(/.{4}(?=.)/g, '$&:');
  return normaliseIp(groups) ?? groups;
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
