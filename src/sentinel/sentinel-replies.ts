import type { RedisOptions } from 'ioredis';
import { formatHostPort } from '../core/tcp-address.js';

/** Address on which a server or a sentinel listens. */
export interface NodeAddress {
  readonly host: string;
  readonly port: number;
  readonly family?: number | undefined;
}

/** Address of a sentinel in the caller's `sentinels` option. */
interface SentinelAddressOption {
  readonly host?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  readonly family?: number | undefined;
}

/** State of a server or a sentinel as a sentinel reports it, by field name. */
export type InstanceInfo = Readonly<Record<string, string | undefined>>;

/** Another sentinel that watches the same master. */
export interface OtherSentinel {
  readonly address: NodeAddress;
  /** The sentinel's id, as its own `SENTINEL MYID` replies it. */
  readonly id: string | undefined;
}

const DEFAULT_SENTINEL_PORT = 26_379;

/** Completes an address of the caller like ioredis: missing or empty parts get the default, digits are a number. */
export function completeSentinelAddress({ host, port, family }: SentinelAddressOption): NodeAddress {
  return { host: host || 'localhost', port: Number(port) || DEFAULT_SENTINEL_PORT, family };
}

/** Formats an address as `host:port`, the key by which addresses are compared. */
export function formatAddress({ host, port }: NodeAddress): string {
  return formatHostPort(host, port);
}

/** Maps an address that a sentinel announces to the one under which this process reaches it. */
export function applyNatMap(address: NodeAddress, natMap: RedisOptions['natMap']): NodeAddress {
  if (!natMap) return address;
  const key = `${address.host}:${address.port}`; // the key that ioredis uses, also for IPv6
  return (typeof natMap === 'function' ? natMap(key) : natMap[key]) ?? address;
}

/** Reads `SENTINEL GET-MASTER-ADDR-BY-NAME`. Returns undefined if the sentinel does not know the master. */
export function readMasterAddress(reply: unknown): NodeAddress | undefined {
  if (!Array.isArray(reply) || !reply[0]) return undefined;
  return { host: String(reply[0]), port: Number(reply[1]) };
}

/** Reads the `config-epoch` of `SENTINEL MASTER`: it grows with each failover, so the highest one is current. */
export function readEpoch(reply: unknown): number | undefined {
  const epoch = Number(readInstance(reply)['config-epoch']);
  return Number.isInteger(epoch) ? epoch : undefined;
}

/** Reads the connected sentinels out of `SENTINEL SENTINELS`. */
export function readOtherSentinels(reply: unknown): OtherSentinel[] {
  return readInstances(reply)
    .filter(({ flags = '' }) => !flags.split(',').includes('disconnected'))
    .flatMap((other) => readAddress(other).map((address) => ({ address, id: other['runid'] })));
}

/** Reads the replicas that are up out of `SENTINEL SLAVES`. */
export function readReplicas(reply: unknown): InstanceInfo[] {
  return readInstances(reply).filter(({ flags }) => flags && !/disconnected|s_down|o_down/.test(flags));
}

/**
 * The replicas that are most likely to serve a client. Those that the sentinel reports as a master, or that have turned a
 * client away, come last: after a failover the old master is listed as a replica for some seconds, although it is not one
 * yet. Before them come those that have lost their master.
 */
export function likelyReplicas(
  replicas: readonly InstanceInfo[],
  wasRejected: (server: string) => boolean,
): InstanceInfo[] {
  const doubtOf = (replica: InstanceInfo) => {
    if (replica['role-reported'] === 'master') return 2;
    if (readAddress(replica).some((address) => wasRejected(formatAddress(address)))) return 2;
    return replica['master-link-status'] === 'err' ? 1 : 0;
  };
  const least = Math.min(...replicas.map(doubtOf));
  return replicas.filter((replica) => doubtOf(replica) === least);
}

/** Addresses of replicas, as `host:port`. */
export function addressesOf(replicas: readonly InstanceInfo[]): string[] {
  return replicas.flatMap(readAddress).map(formatAddress);
}

/**
 * Chooses the replica to connect to: the caller's preferred one, else a random one.
 *
 * @param random A number in [0, 1).
 */
export function chooseReplica(
  replicas: readonly InstanceInfo[],
  preferences: RedisOptions['preferredSlaves'],
  random: number,
): NodeAddress | undefined {
  const [preferred] = preferredReplicas(replicas, preferences);
  const fallback = replicas[Math.floor(random * replicas.length)];
  return preferred ?? (fallback && readAddress(fallback)[0]);
}

/** Replicas that match the caller's preferences. As in ioredis, the lowest `prio` comes first and defaults to 1. */
function preferredReplicas(
  replicas: readonly InstanceInfo[],
  preferences: RedisOptions['preferredSlaves'],
): NodeAddress[] {
  if (typeof preferences === 'function') {
    const chosen = preferences([...replicas] as unknown as Parameters<typeof preferences>[0]);
    return chosen ? readAddress(chosen as unknown as InstanceInfo) : [];
  }
  const list = preferences ? [preferences].flat() : [];
  return list
    .toSorted((one, other) => (one.prio ?? 1) - (other.prio ?? 1))
    .flatMap((preference) =>
      replicas.filter(({ ip, port }) => ip === preference.ip && port === preference.port),
    )
    .flatMap(readAddress);
}

function readInstances(reply: unknown): InstanceInfo[] {
  return Array.isArray(reply) ? reply.map(readInstance) : [];
}

/** Reads a flat list of names and values (RESP2) or an object (RESP3). */
function readInstance(reply: unknown): InstanceInfo {
  if (!Array.isArray(reply)) return Object(reply) as InstanceInfo;
  const texts = reply.map(String);
  return Object.fromEntries(
    texts.flatMap((text, index) => (index % 2 === 0 ? [[text, texts[index + 1]]] : [])),
  );
}

function readAddress({ ip, port }: InstanceInfo): NodeAddress[] {
  return ip && Number(port) > 0 ? [{ host: ip, port: Number(port) }] : [];
}
