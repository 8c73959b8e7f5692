import { promises as files } from 'node:fs';
import { formatHostPort } from '../core/tcp-address.js';
import { parseTcpRow, tcpRowsOf, type TcpTableRow } from '../core/tcp-table.js';
import type { ConnectionEnds } from './server-side-identity.js';
import { normalizeAddress, normalizeKernelAddress, type ReadText } from './tcp-state.js';

/**
 * Finds out which pairs of ends have a living socket on this host. One result per pair, in their order. `undefined` if the
 * kernel's list of sockets cannot be read.
 */
export type FindLivingSockets = (pairs: readonly ConnectionEnds[]) => Promise<readonly boolean[] | undefined>;

const READINGS = 2;

/**
 * Reads the sockets of this host on Linux from `/proc/net/tcp` and `/proc/net/tcp6`. A socket lives if a process has it
 * open (it has an inode), or if its state is not one of those in which it closes. Each file is read twice, because the
 * kernel prints it in pieces, and may leave out a row when another one is removed between two of them.
 */
export function createLivingSocketFinder(
  read: ReadText = (file) => files.readFile(file, 'latin1'),
): FindLivingSockets {
  return async (pairs) => {
    const living = new Set<string>();
    for (let reading = 1; reading <= READINGS; reading += 1) {
      const v4 = await readLivingPairs(read, '/proc/self/net/tcp');
      // A socket of family IPv6 may connect to an IPv4 address. Without IPv6 the file does not exist.
      const v6 = await readLivingPairs(read, '/proc/self/net/tcp6');
      if (!Array.isArray(v4) || v6 === 'unreadable') return undefined;
      [...v4, ...(v6 === 'missing' ? [] : v6)].forEach((pair) => living.add(pair));
    }
    return pairs.map(({ local, remote }) => living.has(`${normalizeEnd(local)} ${normalizeEnd(remote)}`));
  };
}

async function readLivingPairs(read: ReadText, file: string): Promise<string[] | 'missing' | 'unreadable'> {
  try {
    const rows = tcpRowsOf(await read(file)).map(parseTcpRow);
    return rows.includes(undefined) ? 'unreadable' : (rows as TcpTableRow[]).filter(isLiving).map(pairOf);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable';
  }
}

function isLiving({ isOwned, state }: TcpTableRow): boolean {
  return isOwned || state !== 'closing';
}

function pairOf({ localAddress, localPort, remoteAddress, remotePort }: TcpTableRow): string {
  const local = formatHostPort(normalizeKernelAddress(localAddress), localPort);
  return `${local} ${formatHostPort(normalizeKernelAddress(remoteAddress), remotePort)}`;
}

/** `[::ffff:10.0.0.1]:6379` becomes `10.0.0.1:6379`, `[fe80::1%eth0]:6379` becomes `[fe80::1]:6379`. */
function normalizeEnd(end: string): string {
  const at = end.lastIndexOf(':');
  const address = normalizeAddress(end.slice(0, at).replace(/^\[|\]$/g, ''));
  return formatHostPort(address, Number(end.slice(at + 1)));
}
