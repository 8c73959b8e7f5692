import { readKernelAddress } from './tcp-address.js';

/** A row of `/proc/net/tcp` or `/proc/net/tcp6`. */
export interface TcpTableRow {
  /** Address of the own end. IPv6 has all of its zeros. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly state: TcpState;
  /** Bytes that were sent, or will be, and that the peer has not acknowledged. */
  readonly queuedBytes: number;
  /**
   * What the kernel waits for. `resend`: an acknowledgement of bytes. `window`: the peer may take bytes again, or bytes that
   * this host itself has not let out (a firewall) can be sent. `keepalive`: the time of a probe, or its answer.
   */
  readonly timer: 'resend' | 'keepalive' | 'window' | 'other';
  /** Time until the timer ends, in milliseconds. */
  readonly timerMs: number;
  /** How often in a row bytes were resent without an acknowledgement. */
  readonly timesResent: number;
  /** User id of the socket's owner. */
  readonly uid: number;
  /** How many probes in a row (timers `keepalive` and `window`) were not answered. */
  readonly unansweredProbes: number;
  /** Whether a process has the socket open. The kernel keeps a closed socket until its peer has answered. */
  readonly isOwned: boolean;
  /** Inode of the socket, by which its process is found. 0 if no process owns it. */
  readonly inode: string;
}

/** `closing`: the states between the close of a socket and its end. `other`: a connection that is being set up. */
type TcpState = 'established' | 'close-wait' | 'closing' | 'listen' | 'other';

/** Columns: number, local and remote address, state, tx_queue:rx_queue, timer:when, retrnsmt, uid, timeout, inode. */
const ROW =
  /^ *\d+: ([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4}) ([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4}) ([\dA-F]{2}) ([\dA-F]{8}):[\dA-F]{8} (\d\d):([\dA-F]+) ([\dA-F]{8}) +(\d+) +(\d+) (\d+)/;

/** FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, LAST_ACK and CLOSING close. All others but these are being set up. */
const STATES: Readonly<Record<string, TcpState>> = {
  ...{ '01': 'established', '08': 'close-wait', '0A': 'listen' },
  ...{ '04': 'closing', '05': 'closing', '06': 'closing', '07': 'closing', '09': 'closing', '0B': 'closing' },
};

/** Timer 2 also delays the last packets of a socket that is closing. */
const TIMERS: Readonly<Record<string, TcpTableRow['timer']>> = {
  '01': 'resend',
  '02': 'keepalive',
  '04': 'window',
};

/** Unit of times in the table: USER_HZ, which is 100 Hz on every platform of Node. */
const TICK_MS = 10;

/**
 * Parses a row; `undefined` for a row that is damaged.
 *
 * @see https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
export function parseTcpRow(row: string): TcpTableRow | undefined {
  const [, local = '', localPort = '', remote = '', remotePort = '', state = '', ...rest] =
    ROW.exec(row) ?? [];
  if (local === '') return undefined;
  const [queued = '', timer = '', when = '', resent = '', uid, probes, inode = ''] = rest;
  return {
    localAddress: readKernelAddress(local),
    localPort: parseInt(localPort, 16),
    remoteAddress: readKernelAddress(remote),
    remotePort: parseInt(remotePort, 16),
    state: STATES[state] ?? 'other',
    queuedBytes: parseInt(queued, 16),
    timer: TIMERS[timer] ?? 'other',
    timerMs: parseInt(when, 16) * TICK_MS,
    timesResent: parseInt(resent, 16),
    uid: Number(uid),
    unansweredProbes: Number(probes),
    isOwned: inode !== '0',
    inode,
  };
}

/** The rows of a table, without its head. */
export function tcpRowsOf(text: string): string[] {
  return text.trimEnd().split('\n').slice(1);
}
