import { isIPv6 } from 'node:net';
import { isLinkLocal, type OwnRow, splitAddr } from '../attribution/ip-address.js';
import type { ClientRow } from '../client-list/client-row.js';
import { type NetworkNamespace, readNetworkNamespaces } from './network-namespaces.js';
import { endOf, type KernelSocket } from './kernel-sockets.js';

/** What the kernels of this machine say of the client of a row. */
export type KernelVerdict =
  /** The client's kernel has a socket with its end, and a process owns it. The process may be stopped. */
  | { readonly kind: 'alive' }
  /** The client's kernel has no such socket, or one that no process owns any more (`isClosing`). */
  | { readonly kind: 'gone'; readonly isClosing: boolean }
  /** The server's kernel sends to the client in vain. */
  | ({ readonly kind: 'unanswered' } & Unanswered)
  /** No kernel of this machine is known to be the client's or the server's. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Attempts of a kernel to reach the peer of a connection. */
export interface Unanswered {
  /** Number of attempts in a row. */
  readonly times: number;
  /** Time until the next attempt, in milliseconds. */
  readonly nextMs: number;
}

/** Returns the verdict on a row. */
export type KernelLook = (row: ClientRow) => KernelVerdict;

/** The list of a server, and what this program knows of its own connection to it. */
export interface ListedServer {
  readonly rows: readonly ClientRow[];
  /** This program's own row; `undefined` before Redis 6.2. */
  readonly own: OwnRow | undefined;
  /** The local end of this program's own socket, as its kernel shows it. */
  readonly ownLocalEnd: string | undefined;
  /** The port to which this program has connected. Behind a virtual address it differs from the server's own. */
  readonly ownRemotePort?: number | undefined;
}

export type ReadNamespaces = (ports: ReadonlySet<number>) => readonly NetworkNamespace[];

/**
 * Asks the kernels of this machine about the clients of a server. Reads them after the rows were listed: a client whose
 * socket is missing then cannot come back, because its row is older.
 */
export function lookAtKernels(
  { rows, own, ownLocalEnd, ownRemotePort }: ListedServer,
  readNamespaces: ReadNamespaces = readNetworkNamespaces,
): KernelLook {
  const namespaces = readNamespaces(new Set(rows.map(({ port }) => port)));
  const homes = findHomes(namespaces, rows, isSeenAs(own, ownLocalEnd));
  const clientSide = createClientSide(namespaces, homes, serverPortsOf(rows, ownRemotePort));
  const serverSide = createServerSide(namespaces, own);
  return (row) => {
    const verdict = clientSide(row);
    return verdict.kind === 'unknown' ? (serverSide(row) ?? verdict) : verdict;
  };
}

/** The address as which the server sees this program, if nothing in between translates it. */
function isSeenAs(own: OwnRow | undefined, ownLocalEnd: string | undefined): string | undefined {
  if (own === undefined || ownLocalEnd === undefined || endOf(own.addr) !== ownLocalEnd) return undefined;
  return splitAddr(own.addr).ip;
}

const UNKNOWN_CLIENT: KernelVerdict = {
  kind: 'unknown',
  why: 'the kernel of its client cannot be asked from here',
};
const TRANSLATING: KernelVerdict = {
  kind: 'unknown',
  why: 'its address is one of this machine, which may translate addresses of others (NAT)',
};
const SHARED_PORT: KernelVerdict = {
  kind: 'unknown',
  why: 'connections of its machine share a port, so the server may see one of them under another port (NAT)',
};

/** The ports under which clients may have reached the server. */
function serverPortsOf(rows: readonly ClientRow[], own: number | undefined): ReadonlySet<number> {
  const ports = new Set(rows.map(({ laddr }) => splitAddr(laddr).port ?? 0));
  return own === undefined ? ports : ports.add(own);
}

/** The verdicts of the kernel on the client's side. */
function createClientSide(
  namespaces: readonly NetworkNamespace[],
  homes: ReadonlyMap<string, NetworkNamespace>,
  serverPorts: ReadonlySet<number>,
): KernelLook {
  const all = namespaces.flatMap(({ sockets }) => sockets);
  const owned = new Set(all.filter(({ isOwned }) => isOwned).map(({ local }) => local));
  const listed = new Set(all.map(({ local }) => local));
  const sharing = new Set(namespaces.filter(({ sockets }) => hasSharedPort(sockets, serverPorts)));
  return (row) => {
    const { ip } = splitAddr(row.addr);
    const end = endOf(row.addr);
    const home = homes.get(ip);
    if (end === undefined || home === undefined) return UNKNOWN_CLIENT;
    if (owned.has(end)) return { kind: 'alive' };
    if (home.translatedEnds.has(end) || home.mayTranslate[isIPv6(ip) ? 'ipv6' : 'ipv4']) return TRANSLATING;
    if (sharing.has(home)) return SHARED_PORT;
    return { kind: 'gone', isClosing: listed.has(end) };
  };
}

/**
 * Whether two living sockets share a local end and both may lead to the server, as over two virtual addresses. What
 * translates these addresses must give one of the sockets another port then, which no kernel of its machine has.
 */
function hasSharedPort(sockets: readonly KernelSocket[], serverPorts: ReadonlySet<number>): boolean {
  const ends = new Set<string>();
  const living = sockets.filter(({ isOwned, remotePort }) => isOwned && serverPorts.has(remotePort));
  return living.some(({ local }) => ends.size === ends.add(local).size);
}

/**
 * The namespace behind each address in the list of a server. Networks use the same private addresses, so that an interface
 * has the address is no proof. This program's own connection proves its own namespace. For another one, living connections
 * are compared: each of its sockets to the server must be in the list.
 */
function findHomes(
  namespaces: readonly NetworkNamespace[],
  rows: readonly ClientRow[],
  ownIp: string | undefined,
): ReadonlyMap<string, NetworkNamespace> {
  const homes = new Map<string, NetworkNamespace>();
  const listed = new Set(rows.map(({ addr, laddr }) => flowKey(endOf(addr), endOf(laddr))));
  const servers = new Set(rows.map(({ laddr }) => endOf(laddr)));
  for (const namespace of namespaces) {
    const toServer = namespace.sockets.filter(({ remote }) => servers.has(remote));
    for (const ip of namespace.addresses) {
      if (isLinkLocal(ip)) continue; // each link of a server may have a machine with this address
      const isOwn = namespace.isOwn && ip === ownIp;
      if (!homes.has(ip) && (isOwn || isConfirmed(ip, toServer, listed))) homes.set(ip, namespace);
    }
  }
  return homes;
}

/** One connection could be in the list of another server with the same addresses, by the chance of an equal port. */
const MIN_CONFIRMATIONS = 2;

/** Whether the list has all established connections from this address to the server, and there are some. */
function isConfirmed(ip: string, toServer: readonly KernelSocket[], listed: ReadonlySet<string>): boolean {
  const living = toServer.filter(
    ({ state, isOwned, local }) => state === 'established' && isOwned && local.startsWith(`${ip} `),
  );
  return living.length >= MIN_CONFIRMATIONS && living.every((socket) => listed.has(flowOf(socket)));
}

function flowOf({ local, remote }: KernelSocket): string {
  return flowKey(local, remote);
}

function flowKey(local: string | undefined, remote: string | undefined): string {
  return `${local} > ${remote}`;
}

/** Resends, or unanswered probes, after which a packet was not just lost. */
const MIN_UNANSWERED = 2;

/**
 * The verdicts of the kernel on the server's side, if this program can ask it: the namespace that has the server's half of
 * this program's own connection.
 */
function createServerSide(
  namespaces: readonly NetworkNamespace[],
  own: OwnRow | undefined,
): (row: ClientRow) => KernelVerdict | undefined {
  const ownHalf = own && flowKey(endOf(own.laddr), endOf(own.addr));
  const home = namespaces.find(({ sockets }) =>
    sockets.some((socket) => socket.isOwned && flowOf(socket) === ownHalf),
  );
  const halves = new Map((home?.sockets ?? []).map((socket) => [flowOf(socket), socket]));
  return ({ addr, laddr }) => {
    const half = halves.get(flowKey(endOf(laddr), endOf(addr)));
    if (half === undefined) return undefined;
    const times = timesUnanswered(half);
    if (times >= MIN_UNANSWERED) return { kind: 'unanswered', times, nextMs: half.timerMs };
    return times === 0 ? NOTHING_UNANSWERED : UNANSWERED_ONCE;
  };
}

const NOTHING_UNANSWERED: KernelVerdict = {
  kind: 'unknown',
  why: 'the kernel of the server waits for no answer of its client (tcp-keepalive makes it ask)',
};
const UNANSWERED_ONCE: KernelVerdict = {
  kind: 'unknown',
  why: 'its client has left one attempt of the server’s kernel unanswered, and two are a proof: run it again',
};

function timesUnanswered({ timer, queuedBytes, timesResent, unansweredProbes }: KernelSocket): number {
  if (timer === 'resend' && queuedBytes > 0) return timesResent;
  return timer === 'other' ? 0 : unansweredProbes;
}
