import { endianness } from 'node:os';
import type { FlowEnds } from '../../../../src/liveness/tcp-state.js';

const HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

/** An end of a connection: bytes of the address in network order, and the port. */
export interface End {
  readonly bytes: readonly number[];
  readonly port: number;
}

/** Columns of a row besides its ends. Default: an idle, established connection. */
export interface RowFacts {
  readonly state?: string;
  readonly queued?: number;
  readonly resent?: number;
  readonly timer?: string;
  /** Probes that were not answered. */
  readonly unanswered?: number;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** An address as the kernel prints it, `%08X` per 32-bit word: little-endian machines reverse the bytes of each word. */
function hexAddress(bytes: readonly number[]): string {
  const words = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.slice(at * 4, at * 4 + 4));
  const ordered = words.map((word) => (endianness() === 'LE' ? word.toReversed() : word));
  return ordered
    .flat()
    .map((byte) => hex(byte, 2))
    .join('');
}

export function row(local: End, remote: End, facts: RowFacts = {}): string {
  const { state = '01', queued = 0, resent = 0, timer = '00:00000000', unanswered = 0 } = facts;
  const ends = [local, remote].map(({ bytes, port }) => `${hexAddress(bytes)}:${hex(port, 4)}`).join(' ');
  const queues = `${hex(queued, 8)}:00000000`;
  return `   7: ${ends} ${state} ${queues} ${timer} ${hex(resent, 8)}  1000        ${unanswered} 1448042 1 0000000000000000 20 4 30 10 -1`;
}

export function table(...rows: readonly string[]): string {
  return [HEADER, ...rows, ''].join('\n');
}

/** Parses `10.0.0.1:6379` or `[fe80::1]:6379`. The last two groups may be written as an IPv4 address. */
export function end(text: string): End {
  const at = text.lastIndexOf(':');
  const port = Number(text.slice(at + 1));
  const address = text.slice(0, at);
  if (!address.startsWith('[')) return { bytes: address.split('.').map(Number), port };
  const groups = address.slice(1, -1).replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...four: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = four.slice(0, 4).map(Number);
    return `${hex(a * 256 + b, 4)}:${hex(c * 256 + d, 4)}`;
  });
  const [head = [], tail = []] = groups.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  const words = [...head, ...zeros, ...tail].map((group) => parseInt(group, 16));
  return { bytes: words.flatMap((word) => [word >> 8, word & 255]), port };
}

/** A flow between two ends as sockets show them: `10.0.0.1:50000`, or `[fe80::1%eth0]:50000`. */
export function flow(local: string, remote: string): FlowEnds {
  const [localAddress, localPort] = split(local);
  const [remoteAddress, remotePort] = split(remote);
  return { localAddress, localPort, remoteAddress, remotePort };
}

function split(text: string): readonly [string, number] {
  const at = text.lastIndexOf(':');
  return [text.slice(0, at).replace(/^\[|\]$/g, ''), Number(text.slice(at + 1))];
}
