import type { Clock } from '../../core/clock.js';
import type { HygieneError } from '../../core/errors.js';
import type { AskWho } from '../attribution/attribute.js';
import type { Attribution } from '../attribution/attribution.js';
import type { IsLocal } from '../attribution/ip-address.js';
import { createPeerBook } from '../attribution/peers.js';
import type { Examination, Snapshot } from '../audit/audit-context.js';
import { type ClientRow, keepRow, viewRow } from '../client-list/client-row.js';
import { optional, type Source } from './source.js';

/** An examination before anybody has been asked who holds what. */
export type Examined = Omit<Examination, 'ownerOf'>;

/** What is asked of a server besides its clients. A pattern each, for servers before Redis 7 take one at a time. */
const SETTINGS = ['maxclients', 'timeout', 'tcp-keepalive', 'client-output-buffer-limit'];

const NOTHING: ReadonlyMap<string, string> = new Map();

async function look(source: Source, clock: Clock, info: Snapshot['info']): Promise<Snapshot> {
  const rows: ClientRow[] = [];
  await source.read((row) => rows.push(keepRow(row, source.target)));
  return { at: clock.now(), rows, info };
}

/** Looks at a source, once more after `pause` if there is one, and at its settings. */
export async function examine(
  source: Source,
  clock: Clock,
  pause: (() => Promise<void>) | undefined,
  onRefusal: (error: HygieneError) => void,
): Promise<Examined> {
  const { target, kind, server } = source;
  const first = await look(source, clock, source.info);
  const mayAsk = server !== undefined && kind === 'server';
  const config = mayAsk ? await optional(() => server.config(...SETTINGS), NOTHING, onRefusal) : NOTHING;
  if (!pause) return { target, kind, now: first, config };
  await pause();
  const info = server ? await optional(server.info, NOTHING, onRefusal) : NOTHING;
  return { target, kind, earlier: first, now: await look(source, clock, info), config };
}

/** What was seen, and which of the addresses in its rows are of this machine. */
export interface ExaminedSource {
  readonly examined: Examined;
  readonly isLocal: IsLocal;
}

const rowsOf = ({ now, earlier }: Examined) => [...now.rows, ...(earlier?.rows ?? [])];

/** Finds the owners of all rows, at all sources at once. */
export async function attributeExaminations(
  seen: readonly ExaminedSource[],
  askWho: AskWho,
): Promise<readonly Examination[]> {
  const book = createPeerBook();
  const keys = new Map<ClientRow, string>();
  for (const { examined, isLocal } of seen) {
    for (const row of rowsOf(examined)) keys.set(row, book.keyOf(viewRow(row), isLocal));
  }
  const { attributionOf } = await askWho(book.peers.values());
  const attributions = new Map<string, Attribution>();
  for (const [key, peer] of book.peers) attributions.set(key, attributionOf(peer));
  const ownerOf = (row: ClientRow) => attributions.get(keys.get(row) ?? '') as Attribution; // each row was entered above
  return seen.map(({ examined }) => ({ ...examined, ownerOf }));
}
