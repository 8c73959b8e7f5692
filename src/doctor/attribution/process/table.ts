import { readKernelAddress } from '../../../core/tcp-address.js';
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
