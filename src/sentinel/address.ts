import type { RedisOptions } from 'ioredis';
import { formatEnd } from '../core/tcp-address.js';

/** Where a server or a sentinel listens. */
export interface Address {
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
export function sentinelAddress({ host, port, family }: GivenAddress): Address {
  return { host: host || 'localhost', port: Number(port) || SENTINEL_PORT, family };
}

/** `host:port`, by which addresses are told apart. */
export function formatAddress({ host, port }: Address): string {
  return formatEnd(host, port);
}

/** The address under which this process reaches what calls itself by another one. */
export function translate(address: Address, natMap: RedisOptions['natMap']): Address {
  if (!natMap) return address;
  const key = `${address.host}:${address.port}`; // as ioredis asks, IPv6 included
  return (typeof natMap === 'function' ? natMap(key) : natMap[key]) ?? address;
}
