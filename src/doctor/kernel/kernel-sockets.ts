import { existsSync, readFileSync } from 'node:fs';
import { parseTcpRow, type TcpTableRow, tcpRowsOf } from '../../core/tcp-table.js';
import { normalizeIp, splitAddr } from '../attribution/ip-address.js';

/** A connection in the kernel's tables, with its ends as keys (see `endOf`). */
export interface KernelSocket extends Pick<
  TcpTableRow,
  | 'state'
  | 'queuedBytes'
  | 'timer'
  | 'timerMs'
  | 'timesResent'
  | 'unansweredProbes'
  | 'uid'
  | 'isOwned'
  | 'inode'
> {
  readonly local: string;
  readonly remote: string;
  readonly remotePort: number;
}

/**
 * Reads both TCP tables of a network namespace. Each table is read twice, and a socket of either reading is returned: the
 * kernel prints a table in pieces, and may leave out a row when another one is removed between two of them.
 *
 * @param folder `/proc/net`, or `/proc/<pid>/net` for the namespace of a process
 * @param ports sockets with one of these ports, at either end, are read
 * @returns `undefined` if a table cannot be read as a whole: a socket that is missing then may exist
 */
export function readKernelSockets(
  folder: string,
  ports: ReadonlySet<number>,
): readonly KernelSocket[] | undefined {
  const tables = [1, 2].flatMap(() => [readTable(`${folder}/tcp`), readIPv6Table(`${folder}/tcp6`)]);
  const sockets = new Map<string, KernelSocket>();
  for (const table of tables) {
    const parsed = table === undefined ? undefined : parseTcpTable(table, ports);
    if (!parsed) return undefined;
    for (const socket of parsed) sockets.set(`${socket.local} ${socket.remote}`, socket);
  }
  return [...sockets.values()];
}

/** The text of a table; `undefined` if it cannot be read: without Linux, or for a process that has ended. */
function readTable(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

/** The text of the table for IPv6, which does not exist if IPv6 is switched off. */
function readIPv6Table(file: string): string | undefined {
  return existsSync(file) ? readTable(file) : '';
}

/** Parses the connections with one of these ports. `undefined` if a row is damaged. */
export function parseTcpTable(text: string, ports: ReadonlySet<number>): KernelSocket[] | undefined {
  const rows = tcpRowsOf(text).map(parseTcpRow);
  if (rows.includes(undefined)) return undefined;
  return (rows as TcpTableRow[]).flatMap((row) => {
    const { localAddress, localPort, remoteAddress, remotePort, ...facts } = row;
    if (row.state === 'listen' || !(ports.has(localPort) || ports.has(remotePort))) return [];
    const [local, remote] = [endKey(localAddress, localPort), endKey(remoteAddress, remotePort)];
    return [{ local, remote, remotePort, ...facts }];
  });
}

function endKey(address: string, port: number): string {
  return formatEnd(normalizeIp(address) ?? address, port);
}

/** Key of one end of a connection: `ip port`, canonical. */
export function formatEnd(ip: string, port: number): string {
  return `${ip} ${port}`;
}

/** Key of the end that `addr` or `laddr` of CLIENT LIST shows; `undefined` for a unix socket or an empty field. */
export function endOf(addr: string): string | undefined {
  const { ip, port } = splitAddr(addr);
  return port === undefined || port === 0 ? undefined : formatEnd(ip, port);
}
