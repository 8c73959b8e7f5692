import type { RedisOptions } from 'ioredis';
import { formatHostPort } from '../core/tcp-address.js';

/** A server or sentinel as a sentinel describes it: fields by name. */
export type Description = Readonly<Record<string, string | undefined>>;

/** A flat list of names and values, or, in RESP3, an object. */
function readDescription(reply: unknown): Description {
  if (!Array.isArray(reply)) return Object(reply) as Description;
  const texts = reply.map(String);
  return Object.fromEntries(
    texts.flatMap((text, index) => (index % 2 === 0 ? [[text, texts[index + 1]]] : [])),
  );
}

function readDescriptions(reply: unknown): Description[] {
  return Array.isArray(reply) ? reply.map(readDescription) : [];
}

function readAddress({ ip, port }: Description): NodeAddress[] {
  return ip && Number(port) > 0 ? [{ host: ip, port: Number(port) }] : [];
}

/** `SENTINEL GET-MASTER-ADDR-BY-NAME`: nothing where the sentinel knows no such master. */
export function readMasterAddress(reply: unknown): NodeAddress | undefined {
  if (!Array.isArray(reply) || !reply[0]) return undefined;
  return { host: String(reply[0]), port: Number(reply[1]) };
}

/** `SENTINEL MASTER`: how often the master has been chosen. The highest number is the latest truth. */
export function readEpoch(reply: unknown): number | undefined {
  const epoch = Number(readDescription(reply)['config-epoch']);
  return Number.isInteger(epoch) ? epoch : undefined;
}

/** Another sentinel of the same master. */
export interface OtherSentinel {
  readonly address: NodeAddress;
  /** Its own id, as its SENTINEL MYID tells it. */
  readonly id: string | undefined;
}

/** `SENTINEL SENTINELS`: those that are connected. */
export function readSentinels(reply: unknown): OtherSentinel[] {
  return readDescriptions(reply)
    .filter(({ flags = '' }) => !flags.split(',').includes('disconnected'))
    .flatMap((other) => readAddress(other).map((address) => ({ address, id: other['runid'] })));
}

/** `SENTINEL REPLICAS`: those that are up. */
export function readReplicas(reply: unknown): Description[] {
  return readDescriptions(reply).filter(({ flags }) => flags && !/disconnected|s_down|o_down/.test(flags));
}

/** A replica that the caller prefers; as in ioredis the lowest number comes first, and 1 where none is given. */
function preferred(replicas: readonly Description[], wishes: RedisOptions['preferredSlaves']): NodeAddress[] {
  if (typeof wishes === 'function') {
    const chosen = wishes([...replicas] as unknown as Parameters<typeof wishes>[0]);
    return chosen ? readAddress(chosen as unknown as Description) : [];
  }
  const list = wishes ? [wishes].flat() : [];
  return list
    .toSorted((one, other) => (one.prio ?? 1) - (other.prio ?? 1))
    .flatMap((wish) => replicas.filter(({ ip, port }) => ip === wish.ip && port === wish.port))
    .flatMap(readAddress);
}

/** The replica to use: a preferred one, else any. */
export function chooseReplica(
  replicas: readonly Description[],
  wishes: RedisOptions['preferredSlaves'],
  random: number,
): NodeAddress | undefined {
  const [wished] = preferred(replicas, wishes);
  const any = replicas[Math.floor(random * replicas.length)];
  return wished ?? (any && readAddress(any)[0]);
}

/** Where a server or a sentinel listens. */
export interface NodeAddress {
  readonly host: string;
  readonly port: number;
  readonly family?: number | undefined;
}

/** As it may stand in the caller's options. */
interface GivenAddress {
  readonly host?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  readonly family?: number | undefined;
}

const SENTINEL_PORT = 26_379;

/** As the caller wrote it; what is missing or empty is ioredis' default, and digits are a number. */
export function sentinelAddress({ host, port, family }: GivenAddress): NodeAddress {
  return { host: host || 'localhost', port: Number(port) || SENTINEL_PORT, family };
}

/** `host:port`, by which addresses are told apart. */
export function formatAddress({ host, port }: NodeAddress): string {
  return formatHostPort(host, port);
}

/** The address under which this process reaches what calls itself by another one. */
export function translate(address: NodeAddress, natMap: RedisOptions['natMap']): NodeAddress {
  if (!natMap) return address;
  const key = `${address.host}:${address.port}`; // as ioredis asks, IPv6 included
  return (typeof natMap === 'function' ? natMap(key) : natMap[key]) ?? address;
}
