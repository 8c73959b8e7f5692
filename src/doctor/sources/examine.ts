import type { Clock } from '../../core/clock.js';
import type { HygieneError } from '../../core/errors.js';
import type { AttributePeers } from '../attribution/attribute.js';
import type { Attribution } from '../attribution/attribution.js';
import type { IsLocal } from '../attribution/ip-address.js';
import { attributionsWithProcesses } from '../attribution/named-processes.js';
import { createPeerIndex } from '../attribution/peers.js';
import type { Examination, Snapshot } from '../audit/audit-context.js';
import { type ClientRow, viewRow } from '../client-list/client-row.js';
import { createRowTable, type KeptRow } from '../client-list/row-table.js';
import { type RowSource, withFallback } from './source.js';

/** A snapshot whose rows may be given peers. */
interface KeptSnapshot extends Snapshot {
  readonly rows: readonly KeptRow[];
}

/** An examination without the owners of its connections. */
export type UnattributedExamination = Omit<Examination, 'ownerOf'>;

/** An examination whose connections may be given owners. */
interface KeptExamination extends UnattributedExamination {
  readonly now: KeptSnapshot;
  readonly earlier?: KeptSnapshot;
}

/** An examination, and which addresses in its rows belong to this machine. */
export interface ExaminedSource {
  readonly examined: KeptExamination;
  readonly isLocal: IsLocal;
}

/** Settings that are read from a server. One CONFIG GET each, as servers before Redis 7 accept one pattern at a time. */
const SETTINGS = ['maxclients', 'timeout', 'tcp-keepalive', 'client-output-buffer-limit'];

const EMPTY: ReadonlyMap<string, string> = new Map();

/** Reads the rows and settings of a source, and if there is a `pause`, the rows a second time after it. */
export async function examine(
  source: RowSource,
  clock: Clock,
  pause: (() => Promise<void>) | undefined,
  onRefusal: (error: HygieneError) => void,
): Promise<KeptExamination> {
  const { target, kind, server } = source;
  const first = await takeSnapshot(source, clock, source.info);
  const hasConfig = server !== undefined && kind === 'server';
  const config = hasConfig ? await withFallback(() => server.config(...SETTINGS), EMPTY, onRefusal) : EMPTY;
  if (!pause) return { target, kind, now: first, config };
  await pause();
  const info = server ? await withFallback(server.info, EMPTY, onRefusal) : EMPTY;
  return { target, kind, earlier: first, now: await takeSnapshot(source, clock, info), config };
}

async function takeSnapshot(source: RowSource, clock: Clock, info: Snapshot['info']): Promise<KeptSnapshot> {
  const rows: KeptRow[] = [];
  const table = createRowTable(source.target);
  await source.read((row) => rows.push(table.keep(row)));
  return { at: clock.now(), rows, info };
}

/** Finds the owners of all rows. The peers of all sources are attributed together. */
export async function attributeExaminations(
  sources: readonly ExaminedSource[],
  attributePeers: AttributePeers,
): Promise<readonly Examination[]> {
  const peerIndex = createPeerIndex();
  for (const { examined, isLocal } of sources) {
    for (const row of rowsOf(examined)) row.peer = peerIndex.add(viewRow(row), isLocal);
  }
  const peers = peerIndex.finish();
  const attributions = attributionsWithProcesses(await attributePeers(peers), peers.length);
  const ownerOf = (row: ClientRow) => attributions[(row as KeptRow).peer ?? -1] as Attribution; // each row was added above
  return sources.map(({ examined }) => ({ ...examined, ownerOf }));
}

function* rowsOf({ now, earlier }: KeptExamination): Iterable<KeptRow> {
  yield* now.rows;
  if (earlier) yield* earlier.rows;
}
