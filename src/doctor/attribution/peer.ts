import type { Row } from '../client-list/row.js';
import type { Peer } from './claim.js';
import { normaliseIp, splitAddr } from './ip.js';

/** Whether an address, as a server tells it, is one of the machine that this program runs on. */
export type IsLocal = (ip: string) => boolean;

/**
 * The names of a sentinel's own connections: `sentinel-<8 hex digits of its run id>-cmd`, and `-pubsub`.
 *
 * @see https://github.com/redis/redis/blob/7.0.15/src/sentinel.c (sentinelSetClientName)
 */
export const SENTINEL_LINK = /^sentinel-([\da-f]{8})-(cmd|pubsub)$/;

/** Flags of `CLIENT LIST`: `S` a replica that is fed, `M` the master that feeds this server. */
export function linkOf(flags: string, name: string): Peer['link'] {
  if (flags.includes('S')) return 'replica';
  if (flags.includes('M')) return 'master';
  return name.startsWith('sentinel-') && SENTINEL_LINK.test(name) ? 'sentinel' : 'client';
}

/** The other end of a row. A master's port is the one that it listens on; all others are picked by chance. */
export function peerOf(row: Row, isLocal: IsLocal): Peer {
  const name = row.text('name');
  const libName = row.text('lib-name');
  const link = linkOf(row.text('flags'), name);
  const listed = row.text('ip');
  const ip = normaliseIp(listed) ?? listed;
  const here = isLocal(ip);
  const port = here || link === 'master' ? splitAddr(row.text('addr')).port : undefined;
  return { name, ip, port, laddr: here ? row.text('laddr') : '', libName, link };
}

/** The same text for peers that cannot be told apart. */
export function peerKey({ link, ip, port, laddr, libName, name }: Peer): string {
  return `${link}\0${ip}\0${port ?? ''}\0${laddr}\0${libName}\0${name}`;
}
