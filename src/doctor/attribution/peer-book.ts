import type { Row } from '../client-list/row.js';
import type { Peer } from './claim.js';
import { peerKey, peerOf, type IsLocal } from './peer.js';

/** The distinct peers of rows that are read. */
export interface PeerBook {
  /** Enters the peer of a row, and gives its key. */
  readonly keyOf: (row: Row, isLocal: IsLocal) => string;
  /** By their keys. */
  readonly peers: ReadonlyMap<string, Peer>;
}

export function createPeerBook(): PeerBook {
  const peers = new Map<string, Peer>();
  return {
    keyOf(row, isLocal) {
      const peer = peerOf(row, isLocal);
      const key = peerKey(peer);
      if (!peers.has(key)) peers.set(key, peer);
      return key;
    },
    peers,
  };
}
