import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { normalizeIp } from '../attribution/ip-address.js';
import { type KernelSocket, readKernelSockets } from './kernel-sockets.js';
import { readTranslatedEnds } from './translations.js';

/** What the kernel shows of one network namespace of this machine. */
export interface NetworkNamespace {
  /** Whether this program runs in it. */
  readonly isOwn: boolean;
  readonly sockets: readonly KernelSocket[];
  /** Canonical addresses of its interfaces. */
  readonly addresses: ReadonlySet<string>;
  /** Ends that servers see in the place of others, because this namespace translates them (NAT). */
  readonly translatedEnds: ReadonlySet<string>;
  /** Whether it may translate others than `translatedEnds`, also for other hosts and namespaces. */
  readonly mayTranslate: Readonly<Record<'ipv4' | 'ipv6', boolean>>;
}

/**
 * Reads the network namespaces of this machine: the one of this program, and those of all processes that this user may
 * inspect (as root: of all containers). Empty where the kernel does not show them.
 *
 * @param ports sockets with one of these ports, at either end, are read
 * @param proc `/proc`, or a folder like it
 */
export function readNetworkNamespaces(ports: ReadonlySet<number>, proc = '/proc'): NetworkNamespace[] {
  const folders = [`${proc}/self`, ...otherNamespaces(proc)];
  return folders.flatMap((folder, index) => {
    const sockets = readKernelSockets(`${folder}/net`, ports);
    if (sockets === undefined) return [];
    const isOwn = index === 0;
    const addresses = readAddresses(`${folder}/net`);
    return [{ isOwn, sockets, addresses, ...readTranslation(folder, isOwn, proc) }];
  });
}

/** One process folder for each network namespace that is not the one of this program. */
function otherNamespaces(proc: string): string[] {
  const own = namespaceOf(`${proc}/self`);
  if (own === undefined) return [];
  const byNamespace = new Map<string, string>();
  for (const entry of readdirSync(proc)) {
    const folder = `${proc}/${entry}`;
    const namespace = /^\d+$/.test(entry) ? namespaceOf(folder) : undefined;
    if (namespace !== undefined && namespace !== own) byNamespace.set(namespace, folder);
  }
  return [...byNamespace.values()];
}

/** Name of the network namespace of a process; `undefined` if the process has ended, or belongs to another user. */
function namespaceOf(folder: string): string | undefined {
  try {
    return readlinkSync(`${folder}/ns/net`);
  } catch {
    return undefined;
  }
}

function readAddresses(folder: string): ReadonlySet<string> {
  return new Set([
    ...parseFibTrie(readText(`${folder}/fib_trie`)),
    ...parseIfInet6(readText(`${folder}/if_inet6`)),
  ]);
}

/** The text of a file; `''` if it cannot be read: IPv6 may be switched off, and a process may have ended. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

/**
 * The own IPv4 addresses in a routing table: an address line, followed by a line with `/32 host LOCAL`. A whole network
 * that is local (AnyIP) is not listed: its addresses may be those of other hosts.
 */
export function parseFibTrie(text: string): string[] {
  return [...text.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s*\/32 host LOCAL/g)].map(([, ip = '']) => ip);
}

/** The IPv6 addresses in a table of interfaces: 32 hexadecimal digits at the start of each line. */
export function parseIfInet6(text: string): string[] {
  return [...text.matchAll(/^([\da-f]{32}) /gm)].flatMap(
    ([, hex = '']) => normalizeIp(hex.replace(/.{4}(?=.)/g, '$&:')) ?? [],
  );
}

function readTranslation(
  folder: string,
  isOwn: boolean,
  proc: string,
): Pick<NetworkNamespace, 'translatedEnds' | 'mayTranslate'> {
  const translatedEnds = readTranslatedEnds(folder, isOwn, proc);
  if (!translatedEnds) return { translatedEnds: new Set(), mayTranslate: { ipv4: true, ipv6: true } };
  return { translatedEnds, mayTranslate: readForwards(`${folder}/net`) };
}

/**
 * Whether a namespace forwards packets of others, and so may translate them without connection tracking (eBPF). It has
 * forwarded packets, which the kernel counts, or these packets go past that counter, for which forwarding is switched on and
 * packets come in over several interfaces. Where a counter cannot be read, packets may have been forwarded.
 */
function readForwards(folder: string): NetworkNamespace['mayTranslate'] {
  const { isForwarding, forwarded } = parseForwarding(readText(`${folder}/snmp`));
  const mayBypass = isForwarding && countReceivingInterfaces(readText(`${folder}/dev`)) > 1;
  const forwarded6 = parseForwarded6(readText(`${folder}/snmp6`));
  return { ipv4: mayBypass || forwarded !== 0, ipv6: mayBypass || forwarded6 !== 0 };
}

/** The line of names and the line of values in `/proc/net/snmp` that begin with `Ip:`. `Forwarding` is 1 for on, 2 for off. */
export function parseForwarding(text: string): { isForwarding: boolean; forwarded: number | undefined } {
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('Ip:'))
    .map((line) => line.split(' '));
  const valueOf = (name: string) => {
    const value = values[names.indexOf(name)];
    return value === undefined ? undefined : Number(value);
  };
  return { isForwarding: valueOf('Forwarding') !== 2, forwarded: valueOf('ForwDatagrams') };
}

/** `Ip6OutForwDatagrams` of `/proc/net/snmp6`: a line with name and value. There is no such file without IPv6. */
export function parseForwarded6(text: string): number | undefined {
  const value = /^Ip6OutForwDatagrams\s+(\d+)/m.exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

/** Interfaces in `/proc/net/dev` that have received packets, without loopback: `name: bytes packets …`. */
export function countReceivingInterfaces(text: string): number {
  const interfaces = [...text.matchAll(/^\s*(\S+):\s*\d+\s+(\d+)/gm)];
  return interfaces.filter(([, name, packets]) => name !== 'lo' && Number(packets) > 0).length;
}
