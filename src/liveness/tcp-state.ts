import { readFile } from 'node:fs/promises';
import { isIPv4, SocketAddress } from 'node:net';
import { readKernelAddress } from '../core/tcp-address.js';

/** The two ends of a TCP connection, as its socket tells them; `local` is a unix socket, whose peer cannot vanish. */
export type TcpFlow = FlowEnds | 'local';

export interface FlowEnds {
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/**
 * What the kernel knows of a flow. `unacknowledged`: so many bytes of ours are out, and so often in a row the first
 * of them have been sent again. `acknowledged`: the peer's kernel has all of them, or takes no more just now (a
 * closed window).
 */
export type SendQueueState =
  | { readonly kind: 'unacknowledged'; readonly bytes: number; readonly timesResent: number }
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Asks the kernel about flows: one testimony for each of them, in their order. */
export type ReadTcpStates = (flows: readonly TcpFlow[]) => Promise<SendQueueState[]>;

const ACKNOWLEDGED: SendQueueState = { kind: 'acknowledged' };

function readAddress(hex: string): string {
  const address = readKernelAddress(hex);
  return isIPv4(address) ? address : plain(new SocketAddress({ address, family: 'ipv6' }).address);
}

/** An IPv4 address that came through an IPv6 socket is the same address, and a zone is no part of it. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

function keyOf({ localAddress, localPort, remoteAddress, remotePort }: FlowEnds): string {
  return `${plain(localAddress ?? '')} ${localPort} ${plain(remoteAddress ?? '')} ${remotePort}`;
}

/**
 * One row: number, local and remote address, state, tx_queue:rx_queue, timer, retrnsmt, and more, see
 * https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
const ROW =
  /^ *\d+: ([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4}) ([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4}) [\dA-F]{2} ([\dA-F]{8}):[\dA-F]{8} (\d\d):[\dA-F]+ ([\dA-F]{8}) /;

/** The local port of a row that looks like one, and what stands for that of any other. */
const LOCAL_PORT = /^ *\d+: [\dA-F]+:([\dA-F]{4}) /;
const ODD = 'odd';

/** The testimonies of one table, by flow. */
interface Table {
  readonly rows: ReadonlyMap<string, SendQueueState>;
  /** What is to be said of a flow that is not among them. */
  readonly otherwise: SendQueueState;
}

/** The timer that runs while bytes are out; another one probes a window that the peer has closed. */
const RESEND_TIMER = '01';

function readQueue(queued: string, timer: string, resent: string): SendQueueState {
  const bytes = parseInt(queued, 16);
  if (bytes === 0 || timer !== RESEND_TIMER) return ACKNOWLEDGED;
  return { kind: 'unacknowledged', bytes, timesResent: parseInt(resent, 16) };
}

function readRow(row: string): readonly [key: string, testimony: SendQueueState] | undefined {
  const [, local = '', localPort = '', remote = '', remotePort = '', ...queue] = ROW.exec(row) ?? [];
  if (!local) return undefined;
  const key = keyOf({
    localAddress: readAddress(local),
    localPort: parseInt(localPort, 16),
    remoteAddress: readAddress(remote),
    remotePort: parseInt(remotePort, 16),
  });
  const [queued = '', timer = '', resent = ''] = queue;
  return [key, readQueue(queued, timer, resent)];
}

/** Reads the rows that belong to these local ports, and those that are odd; the others only cost time. */
function readTable(text: string, ports: ReadonlySet<string>): Table {
  const rows = text.trimEnd().split('\n').slice(1);
  const ours = rows.filter((row) => ports.has(LOCAL_PORT.exec(row)?.[1] ?? ODD)).map(readRow);
  const read = ours.filter((row) => row !== undefined);
  return {
    rows: new Map(read),
    otherwise: unreadable(read.length < ours.length ? 'odd rows' : 'the connection is not listed'),
  };
}

function unreadable(why: string): SendQueueState {
  return { kind: 'unreadable', why };
}

function hexPort({ localPort = 0 }: FlowEnds): string {
  return localPort.toString(16).toUpperCase().padStart(4, '0');
}

function fileOf({ localAddress = '' }: FlowEnds): string {
  return localAddress.includes(':') ? '/proc/net/tcp6' : '/proc/net/tcp';
}

function isFlow(flow: TcpFlow): flow is FlowEnds {
  return flow !== 'local';
}

export type ReadText = (file: string) => Promise<string>;

/**
 * Asks the kernel of Linux through `/proc/net/tcp` and `tcp6`, each read at most once. The files belong to the
 * network namespace of the process, and need no rights.
 */
export function createTcpStateReader(read: ReadText = (file) => readFile(file, 'latin1')): ReadTcpStates {
  async function open(file: string, ports: ReadonlySet<string>): Promise<readonly [string, Table]> {
    try {
      return [file, readTable(await read(file), ports)];
    } catch (error) {
      const { code = 'failed' } = error as NodeJS.ErrnoException;
      return [file, { rows: new Map(), otherwise: unreadable(code) }];
    }
  }

  return async (flows) => {
    const asked = flows.filter(isFlow);
    const ports = new Set([ODD, ...asked.map(hexPort)]);
    const files = [...new Set(asked.map(fileOf))];
    const tables = new Map(await Promise.all(files.map((file) => open(file, ports))));
    return flows.map((flow) => {
      if (!isFlow(flow)) return ACKNOWLEDGED;
      const table = tables.get(fileOf(flow));
      return table?.rows.get(keyOf(flow)) ?? table?.otherwise ?? unreadable('not read');
    });
  };
}
