import { promises as files } from 'node:fs';
import { formatHostPort } from '../core/tcp-address.js';
import type { ConnectionEnds } from './server-side-identity.js';
import { normalizeAddress, readAddress, type ReadText } from './tcp-state.js';

/**
 * Finds out which pairs of ends have a living socket on this host. One result per pair, in their order. `undefined` if the
 * kernel's list of sockets cannot be read.
 */
export type FindLivingSockets = (pairs: readonly ConnectionEnds[]) => Promise<readonly boolean[] | undefined>;

/**
 * A row of `/proc/net/tcp`: number, local and remote address, state, queues, timer, retrnsmt, uid, timeout, inode, see
 * https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
const ROW =
  /^ *\d+: ([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4}) ([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4}) ([\dA-F]{2}) \S+ \S+ \S+ +\d+ +\d+ (\d+)/;

const READINGS = 2;

/** States in which a socket may have no owner: FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, LAST_ACK, CLOSING. */
const CLOSING_STATES = new Set(['04', '05', '06', '07', '09', '0B']);

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
      const v4 = await readLivingPairs(read, '/proc/net/tcp');
      // A socket of family IPv6 may connect to an IPv4 address. Without IPv6 the file does not exist.
      const v6 = await readLivingPairs(read, '/proc/net/tcp6');
      if (!Array.isArray(v4) || v6 === 'unreadable') return undefined;
      [...v4, ...(v6 === 'missing' ? [] : v6)].forEach((pair) => living.add(pair));
    }
    return pairs.map(({ local, remote }) => living.has(`${normalizeEnd(local)} ${normalizeEnd(remote)}`));
  };
}

async function readLivingPairs(read: ReadText, file: string): Promise<string[] | 'missing' | 'unreadable'> {
  try {
    const rows = (await read(file)).trimEnd().split('\n').slice(1);
    const parsed = rows.map((row) => ROW.exec(row));
    if (parsed.includes(null)) return 'unreadable';
    return parsed.flatMap((fields) => livingPairOf(fields as RegExpExecArray));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable';
  }
}

function livingPairOf(fields: RegExpExecArray): string[] {
  const [, local = '', localPort = '', remote = '', remotePort = '', state = '', inode] = fields;
  if (inode === '0' && CLOSING_STATES.has(state)) return [];
  const endOf = (hex: string, port: string) => formatHostPort(readAddress(hex), parseInt(port, 16));
  return [`${endOf(local, localPort)} ${endOf(remote, remotePort)}`];
}

/** `[::ffff:10.0.0.1]:6379` becomes `10.0.0.1:6379`, `[fe80::1%eth0]:6379` becomes `[fe80::1]:6379`. */
function normalizeEnd(end: string): string {
  const at = end.lastIndexOf(':');
  const address = normalizeAddress(end.slice(0, at).replace(/^\[|\]$/g, ''));
  return formatHostPort(address, Number(end.slice(at + 1)));
}
