import { readFileSync } from 'node:fs';
import { readKernelAddress } from '../../core/tcp-address.js';
import { normalizeIp, splitAddr } from '../attribution/ip-address.js';

/** A row of the kernel's table of TCP connections. */
export interface KernelSocket {
  /** Canonical end, see `endOf`. */
  readonly local: string;
  /** Canonical end, see `endOf`. */
  readonly remote: string;
  readonly isEstablished: boolean;
  /** Bytes that the kernel has sent or will send, and that the peer has not acknowledged. */
  readonly queuedBytes: number;
  /** What the kernel waits for: `resend` an acknowledgement of bytes, `keepalive` the time or the answer of a probe. */
  readonly timer: 'resend' | 'keepalive' | 'other';
  /** Time until the timer ends, in milliseconds. */
  readonly timerMs: number;
  /** How often in a row bytes were resent without an acknowledgement. */
  readonly timesResent: number;
  /** How many keepalive probes in a row were not answered. */
  readonly unansweredProbes: number;
  /** User id of the socket's owner. */
  readonly uid: number;
  /** Inode of the socket; `NO_INODE` if no process owns it. */
  readonly inode: string;
}

/** Inode of a connection that its process has closed, or that ended with its process, while the kernel still keeps it. */
export const NO_INODE = '0';

const STATE_ESTABLISHED = '01';
/** State of a listening socket, which has no remote end. */
const STATE_LISTEN = '0A';

/** Unit of times in the table: USER_HZ, which is 100 Hz on every platform of Node. */
const TICK_MS = 10;

/** The column `tr` of the table. Timer 2 also delays the last packets of a socket that is closing. */
const TIMERS: Readonly<Record<string, KernelSocket['timer']>> = { '01': 'resend', '02': 'keepalive' };

/**
 * Reads both TCP tables of a network namespace; `undefined` if the kernel has none. Each table is read twice, and a socket
 * of either reading is returned: the kernel prints a table in pieces, and may leave out a row when another one is removed
 * between two of them.
 *
 * @param folder `/proc/net`, or `/proc/<pid>/net` for the namespace of a process
 * @param ports sockets with one of these ports, at either end, are read
 */
export function readTcpTables(
  folder: string,
  ports: ReadonlySet<number>,
): readonly KernelSocket[] | undefined {
  const texts = ['tcp', 'tcp6', 'tcp', 'tcp6'].map((name) => readTable(`${folder}/${name}`));
  const existing = texts.filter((text) => text !== undefined);
  if (existing.length === 0) return undefined;
  const sockets = existing.flatMap((text) => parseTcpTable(text, ports));
  return [...new Map(sockets.map((socket) => [`${socket.local} ${socket.remote}`, socket])).values()];
}

/** The text of a table; `undefined` without Linux, IPv6 or /proc, and for a process that has ended. */
function readTable(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EINVAL', 'EACCES', 'EPERM'].includes(code)) return undefined;
    throw error;
  }
}

/**
 * Parses the rows with one of these ports. Columns: number, local and remote address, state, tx_queue:rx_queue,
 * timer:when, retransmits, uid, unanswered probes, inode.
 *
 * @see https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
export function parseTcpTable(text: string, ports: ReadonlySet<number>): KernelSocket[] {
  const rows = text.split('\n').slice(1);
  return rows.flatMap((row) => {
    const columns = row.trim().split(/\s+/);
    const [, local = '', remote = '', state, queues = '', timer = '', resent = '', uid = '', probes = ''] =
      columns;
    const inode = columns[9] ?? '';
    if (state === STATE_LISTEN || inode === '') return [];
    if (!ports.has(portOf(local)) && !ports.has(portOf(remote))) return [];
    return [
      {
        local: readEnd(local),
        remote: readEnd(remote),
        isEstablished: state === STATE_ESTABLISHED,
        queuedBytes: parseInt(queues, 16),
        timer: TIMERS[timer.slice(0, 2)] ?? 'other',
        timerMs: parseInt(timer.slice(timer.indexOf(':') + 1), 16) * TICK_MS,
        timesResent: parseInt(resent, 16),
        unansweredProbes: Number(probes),
        uid: Number(uid),
        inode,
      },
    ];
  });
}

function portOf(end: string): number {
  return parseInt(end.slice(end.indexOf(':') + 1), 16);
}

function readEnd(end: string): string {
  const address = readKernelAddress(end.slice(0, end.indexOf(':')));
  return formatEnd(normalizeIp(address) ?? address, portOf(end));
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
