import type { RowView } from '../client-list/client-row.js';
import { SENTINEL_CONNECTION_NAME } from '../client-list/protected-rows.js';
import type { Peer } from './attribution.js';
import { type IsLocal, normalizeIp, splitAddr } from './ip-address.js';

/** The peer of a row. Only a master's port is its listening port; other ports are ephemeral. */
export function peerOf(row: RowView, isLocal: IsLocal): Peer {
  const name = row.text('name');
  const libName = row.text('lib-name');
  const kind = peerKindOf(row.text('flags'), name);
  const listedIp = row.text('ip');
  const ip = normalizeIp(listedIp) ?? listedIp;
  const isHere = isLocal(ip);
  const port = isHere || kind === 'master' ? splitAddr(row.text('addr')).port : undefined;
  return { name, ip, port, laddr: isHere ? row.text('laddr') : '', libName, kind };
}

/** Flags of `CLIENT LIST`: `S` is a replica of this server, `M` its master. */
function peerKindOf(flags: string, name: string): Peer['kind'] {
  if (flags.includes('S')) return 'replica';
  if (flags.includes('M')) return 'master';
  return name.startsWith('sentinel-') && SENTINEL_CONNECTION_NAME.test(name) ? 'sentinel' : 'client';
}

/** Key of a peer. Peers that no resolver can distinguish have the same key. */
export function peerKey({ kind, ip, port, laddr, libName, name }: Peer): string {
  return `${kind}\0${ip}\0${port ?? ''}\0${laddr}\0${libName}\0${name}`;
}

/** The distinct peers of the rows added so far. */
export interface PeerIndex {
  /** Adds the peer of a row and returns its key. */
  readonly add: (row: RowView, isLocal: IsLocal) => string;
  /** Peers by key. */
  readonly peers: ReadonlyMap<string, Peer>;
}

/** Keys by library name, then address, then connection name. */
type KeyCache = Map<string, Map<string, Map<string, string>>>;

/**
 * Creates an empty index of peers.
 *
 * A million rows have few distinct peers. Most are found by the texts of the row (library, address, name: the most diverse
 * last) without building a key. Peers with a port are not cached, since each of them is distinct.
 */
export function createPeerIndex(): PeerIndex {
  const peers = new Map<string, Peer>();
  const caches = new Map<IsLocal, KeyCache>();

  function addPeer(row: RowView, isLocal: IsLocal): string {
    const peer = peerOf(row, isLocal);
    const key = peerKey(peer);
    if (!peers.has(key)) peers.set(key, peer);
    return key;
  }

  return {
    add(row, isLocal) {
      const name = row.text('name');
      if (peerKindOf(row.text('flags'), name) !== 'client') return addPeer(row, isLocal);
      const cache = getOrCreate(caches, isLocal, createMap<Map<string, Map<string, string>>>);
      const keysByIp = getOrCreate(cache, row.text('lib-name'), createMap<Map<string, string>>);
      const keysByName = getOrCreate(keysByIp, row.text('ip'), createMap<string>);
      const cachedKey = keysByName.get(name);
      if (cachedKey !== undefined) return cachedKey;
      const key = addPeer(row, isLocal);
      if (peers.get(key)?.port === undefined) keysByName.set(name, key);
      return key;
    },
    peers,
  };
}

function createMap<Value>(): Map<string, Value> {
  return new Map<string, Value>();
}

function getOrCreate<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}
