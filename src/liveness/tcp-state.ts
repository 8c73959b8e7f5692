import { promises as files } from 'node:fs';
import { isIPv4, SocketAddress } from 'node:net';
import { parseTcpRow, tcpRowsOf, type TcpTableRow } from '../core/tcp-table.js';

/** The two ends of a TCP connection as its socket reports them. `local`: a unix socket, whose peer cannot vanish. */
export type TcpFlow = FlowEnds | 'local';

export interface FlowEnds {
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/**
 * State of a socket's send queue in the kernel. `unacknowledged`: `bytes` were sent and are not acknowledged, and the
 * first of them were resent `timesResent` times in a row. `acknowledged`: the peer's kernel has everything that was
 * sent, or has closed its receive window for now.
 */
export type SendQueueState =
  | { readonly kind: 'unacknowledged'; readonly bytes: number; readonly timesResent: number }
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Reads the send queue states of flows. The result has one state per flow, in the order of the flows. */
export type ReadTcpStates = (flows: readonly TcpFlow[]) => Promise<SendQueueState[]>;

export type ReadText = (file: string) => Promise<string>;

const ACKNOWLEDGED: SendQueueState = { kind: 'acknowledged' };

function unreadable(why: string): SendQueueState {
  return { kind: 'unreadable', why };
}

/**
 * Reads TCP states on Linux from `/proc/net/tcp` and `/proc/net/tcp6`, each file once per call, and once more if a flow is
 * missing in it: the kernel prints a table in pieces, and may leave out a row when another one is removed between two of
 * them. The files show the network namespace of the process and need no privileges.
 */
export function createTcpStateReader(
  read: ReadText = (file) => files.readFile(file, 'latin1'),
): ReadTcpStates {
  async function readTcpTable(
    file: string,
    hexPorts: ReadonlySet<string>,
  ): Promise<readonly [string, TcpTable]> {
    try {
      return [file, parseTcpTable(await read(file), hexPorts)];
    } catch (error) {
      const { code = 'failed' } = error as NodeJS.ErrnoException;
      return [file, { states: new Map(), fallback: unreadable(code) }];
    }
  }

  return async (flows) => {
    const tcpFlows = flows.filter(isTcp);
    const hexPorts = new Set([UNKNOWN_PORT, ...tcpFlows.map(hexPortOf)]);
    const tableFiles = [...new Set(tcpFlows.map(tableFileOf))];
    const readTables = async (names: readonly string[]) =>
      new Map(await Promise.all(names.map((file) => readTcpTable(file, hexPorts))));
    const tables = await readTables(tableFiles);
    const isListed = (flow: FlowEnds) => tables.get(tableFileOf(flow))?.states.has(flowKeyOf(flow));
    const incomplete = new Set(tcpFlows.filter((flow) => !isListed(flow)).map(tableFileOf));
    const again = await readTables([...incomplete]);
    return flows.map((flow) => {
      if (!isTcp(flow)) return ACKNOWLEDGED;
      const [first, second] = [tables, again].map((read) => read.get(tableFileOf(flow)));
      const key = flowKeyOf(flow);
      return first?.states.get(key) ?? second?.states.get(key) ?? first?.fallback ?? unreadable('not read');
    });
  };
}

function isTcp(flow: TcpFlow): flow is FlowEnds {
  return flow !== 'local';
}

function hexPortOf({ localPort = 0 }: FlowEnds): string {
  return localPort.toString(16).toUpperCase().padStart(4, '0');
}

function tableFileOf({ localAddress = '' }: FlowEnds): string {
  return localAddress.includes(':') ? '/proc/self/net/tcp6' : '/proc/self/net/tcp';
}

/** Send queue states in one file of the kernel. */
interface TcpTable {
  /** States by flow key. */
  readonly states: ReadonlyMap<string, SendQueueState>;
  /** State of a flow that has no row. */
  readonly fallback: SendQueueState;
}

/** Finds the local port of a row, also in a row that is damaged after it. */
const LOCAL_PORT = /^ *\d+: [\dA-F]+:([\dA-F]{4}) /;

/** Stands for the local port of a row in which no port can be read. */
const UNKNOWN_PORT = 'unknown';

/** Parses only the rows of these local ports, and the rows whose port cannot be read: parsing all would cost time. */
function parseTcpTable(text: string, hexPorts: ReadonlySet<string>): TcpTable {
  const rows = tcpRowsOf(text);
  const candidates = rows.filter((row) => hexPorts.has(LOCAL_PORT.exec(row)?.[1] ?? UNKNOWN_PORT));
  const entries = candidates.map(parseEntry).filter((entry) => entry !== undefined);
  const hasUnreadableRows = entries.length < candidates.length;
  return {
    states: new Map(entries),
    fallback: unreadable(hasUnreadableRows ? 'unreadable rows' : 'the connection is not listed'),
  };
}

function parseEntry(text: string): readonly [flowKey: string, state: SendQueueState] | undefined {
  const row = parseTcpRow(text);
  if (!row) return undefined;
  const [localAddress, remoteAddress] = [row.localAddress, row.remoteAddress].map(normalizeKernelAddress);
  return [flowKeyOf({ ...row, localAddress, remoteAddress }), sendQueueStateOf(row)];
}

/**
 * A peer that has closed its receive window answers the probes of that window. It is gone if it does not, or if this host
 * itself drops what is sent, of which the kernel knows and probes too.
 */
function sendQueueStateOf({
  queuedBytes,
  timer,
  timesResent,
  unansweredProbes,
}: TcpTableRow): SendQueueState {
  if (queuedBytes === 0) return ACKNOWLEDGED;
  if (timer === 'resend') return { kind: 'unacknowledged', bytes: queuedBytes, timesResent };
  if (timer !== 'window' || unansweredProbes < MIN_UNANSWERED_PROBES) return ACKNOWLEDGED;
  return { kind: 'unacknowledged', bytes: queuedBytes, timesResent: unansweredProbes };
}

/** One probe may be under way. */
const MIN_UNANSWERED_PROBES = 2;

function flowKeyOf({ localAddress, localPort, remoteAddress, remotePort }: FlowEnds): string {
  return `${normalizeAddress(localAddress ?? '')} ${localPort} ${normalizeAddress(remoteAddress ?? '')} ${remotePort}`;
}

/** The address of a row, as a socket shows it. */
export function normalizeKernelAddress(address: string): string {
  if (isIPv4(address)) return address;
  return normalizeAddress(new SocketAddress({ address, family: 'ipv6' }).address);
}

/** Removes the prefix of an IPv4 address that came through an IPv6 socket, and the zone of a link-local address. */
export function normalizeAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
