import type { Claim } from '../attribution/claim.js';
import type { IsLocal } from '../attribution/peer.js';
import { createPeerBook } from '../attribution/peer-book.js';
import type { Examination } from '../audit/examination.js';
import { viewRow, type ClientRow } from '../client-list/row.js';
import type { AskWho } from '../group/keying.js';
import type { Examined } from './examine.js';

/** What was seen, and which of the addresses in its rows are of this machine. */
export interface Seen {
  readonly examined: Examined;
  readonly isLocal: IsLocal;
}

const rowsOf = ({ now, earlier }: Examined) => [...now.rows, ...(earlier?.rows ?? [])];

/** Finds the owners of all rows, at all sources at once. */
export async function withOwners(seen: readonly Seen[], askWho: AskWho): Promise<readonly Examination[]> {
  const book = createPeerBook();
  const keys = new Map<ClientRow, string>();
  for (const { examined, isLocal } of seen) {
    for (const row of rowsOf(examined)) keys.set(row, book.keyOf(viewRow(row), isLocal));
  }
  const { claimOf } = await askWho(book.peers.values());
  const claims = new Map<string, Claim>();
  for (const [key, peer] of book.peers) claims.set(key, claimOf(peer));
  const ownerOf = (row: ClientRow) => claims.get(keys.get(row) ?? '') as Claim; // each row was entered above
  return seen.map(({ examined }) => ({ ...examined, ownerOf }));
}
