import type { RowView } from '../client-list/client-row.js';
import { SENTINEL_CONNECTION_NAME } from '../client-list/protected-rows.js';
import type { Peer } from './attribution.js';
import { type IsLocal, normalizeIp, splitAddr } from './ip-address.js';
import { PeerColumns, type PeerList } from './peer-columns.js';

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

/** The peers of the rows added so far, which are distinct as far as `MAX_KNOWN_NAMES` goes. */
export interface PeerIndex {
  /** Adds the peer of a row and returns its number: 0 for the first one, and so on. */
  readonly add: (row: RowView, isLocal: IsLocal) => number;
  /** All peers by number. No row is added afterwards, so what finds them by their fields is freed. */
  readonly finish: () => PeerList;
}

/**
 * Names at one address that are looked up. Beyond so many, the next row has most likely a name of its own, and is a peer of its
 * own even if it has not: to look up a million names takes longer than to read them.
 */
const MAX_KNOWN_NAMES = 1 << 14;

/** Numbers of peers by connection name: those of other machines, at one address with one library. */
type NumbersByName = Map<string, number>;

/**
 * Creates an empty index of peers.
 *
 * A million rows may have as many names. So clients of other machines, which have no port, are found by the texts of the
 * row (library, address, name: the most diverse last) without building a key.
 */
export function createPeerIndex(): PeerIndex {
  const peers = new PeerColumns();
  const numbersByKey = new Map<string, number>();
  const caches = new Map<IsLocal, Map<string, Map<string, NumbersByName | undefined>>>();

  function addByKey(peer: Peer): number {
    const key = peerKey(peer);
    let number = numbersByKey.get(key);
    if (number === undefined) numbersByKey.set(key, (number = peers.add(peer)));
    return number;
  }

  /** The numbers of clients at the address of a row; `undefined` if that is this machine, where each has a port. */
  function numbersAt(row: RowView, isLocal: IsLocal): NumbersByName | undefined {
    const cache = getOrCreate(caches, isLocal, createMap<Map<string, NumbersByName | undefined>>);
    const byIp = getOrCreate(cache, row.text('lib-name'), createMap<NumbersByName | undefined>);
    const listedIp = row.text('ip');
    if (byIp.has(listedIp)) return byIp.get(listedIp);
    const ip = normalizeIp(listedIp) ?? listedIp;
    const numbers = isLocal(ip) ? undefined : getOrCreate(byIp, ip, createMap<number>);
    byIp.set(listedIp, numbers);
    return numbers;
  }

  return {
    add(row, isLocal) {
      const name = row.text('name');
      const isClient = peerKindOf(row.text('flags'), name) === 'client';
      const numbers = isClient ? numbersAt(row, isLocal) : undefined;
      if (!numbers) return addByKey(peerOf(row, isLocal));
      const known = numbers.get(name);
      if (known !== undefined) return known;
      const number = peers.add(peerOf(row, isLocal));
      if (numbers.size < MAX_KNOWN_NAMES) numbers.set(name, number);
      return number;
    },
    finish() {
      caches.clear();
      numbersByKey.clear();
      return peers;
    },
  };
}

function createMap<Value>(): Map<string, Value> {
  return new Map<string, Value>();
}

function getOrCreate<Key, Value, Found extends Value>(
  map: Map<Key, Value | undefined>,
  key: Key,
  create: () => Found,
): Value | Found {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = create();
  map.set(key, created);
  return created;
}
