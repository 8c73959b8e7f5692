import type { RowView } from '../client-list/client-row.js';
import { SENTINEL_LINK } from '../client-list/protected-rows.js';
import type { Peer } from './attribution.js';
import { type IsLocal, normaliseIp, splitAddr } from './ip-address.js';

/** Flags of `CLIENT LIST`: `S` a replica that is fed, `M` the master that feeds this server. */
function linkKindOf(flags: string, name: string): Peer['link'] {
  if (flags.includes('S')) return 'replica';
  if (flags.includes('M')) return 'master';
  return name.startsWith('sentinel-') && SENTINEL_LINK.test(name) ? 'sentinel' : 'client';
}

/** The other end of a row. A master's port is the one that it listens on; all others are picked by chance. */
export function peerOf(row: RowView, isLocal: IsLocal): Peer {
  const name = row.text('name');
  const libName = row.text('lib-name');
  const link = linkKindOf(row.text('flags'), name);
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

/** The distinct peers of rows that are read. */
export interface PeerBook {
  /** Enters the peer of a row, and gives its key. */
  readonly keyOf: (row: RowView, isLocal: IsLocal) => string;
  /** By their keys. */
  readonly peers: ReadonlyMap<string, Peer>;
}

function valueOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

type Shelf = Map<string, Map<string, Map<string, string>>>;

const shelf = (): Shelf => new Map();
const level = <Value>(): Map<string, Value> => new Map<string, Value>();

/**
 * Keeps peers.
 *
 * A million rows have few peers. Most are found by the texts of the row, one after the other (library, address, name: the
 * most diverse last), without a key being put together. A port makes each row another peer: those take the long way.
 */
export function createPeerBook(): PeerBook {
  const peers = new Map<string, Peer>();
  const shelves = new Map<IsLocal, Shelf>();

  function enter(row: RowView, isLocal: IsLocal): string {
    const peer = peerOf(row, isLocal);
    const key = peerKey(peer);
    if (!peers.has(key)) peers.set(key, peer);
    return key;
  }

  return {
    keyOf(row, isLocal) {
      const name = row.text('name');
      if (linkKindOf(row.text('flags'), name) !== 'client') return enter(row, isLocal);
      const ips = valueOf(valueOf(shelves, isLocal, shelf), row.text('lib-name'), level<Map<string, string>>);
      const names = valueOf(ips, row.text('ip'), level<string>);
      const known = names.get(name);
      if (known !== undefined) return known;
      const key = enter(row, isLocal);
      if (peers.get(key)?.port === undefined) names.set(name, key);
      return key;
    },
    peers,
  };
}
