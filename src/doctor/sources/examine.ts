import type { Clock } from '../../core/clock.js';
import type { HygieneError } from '../../core/errors.js';
import type { Examination, Snapshot } from '../audit/examination.js';
import { type ClientRow, keepRow } from '../client-list/row.js';
import { optional } from './server.js';
import type { Source } from './source.js';

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
