import { HygieneError } from '../../core/errors.js';
import { createIsLocal, type IsLocal, nothingIsLocal, type OwnRow } from '../attribution/ip-address.js';
import type { RowView } from '../client-list/client-row.js';
import { createRowReader, type ReadReport } from '../client-list/row-reader.js';
import { callText, type ServerConnection } from '../server/server-connection.js';

/** A source of client list rows: a server, or a saved list. */
export interface RowSource {
  /** `host:port`, the path of a unix socket, or the name of a file. */
  readonly target: string;
  readonly kind: 'server' | 'sentinel' | 'list';
  /** Limit of clients; `undefined` if it is not known. */
  readonly maxclients: number | undefined;
  /** `INFO` when the source was opened. Empty for a file, and if the user may not send INFO. */
  readonly info: ReadonlyMap<string, string>;
  /** Tells which addresses in the rows belong to the machine that this program runs on. */
  readonly isLocal: IsLocal;
  /** The row of this program's own connection; `undefined` for a file, and before Redis 6.2. */
  readonly own: OwnRow | undefined;
  /** The connection, if the source is a server. */
  readonly server: ServerConnection | undefined;
  /** Reads all present rows. */
  readonly read: (onRow: (row: RowView) => void) => Promise<ReadReport>;
}

/** Creates the source of an open server. Replies that the server refuses are left out, and reported to `onRefusal`. */
export async function createServerSource(
  server: ServerConnection,
  onRefusal: (error: HygieneError) => void,
): Promise<RowSource> {
  const info = await withFallback(server.info, EMPTY, onRefusal);
  const own = await readOwnRow(server);
  return {
    target: server.target,
    kind: info.get('redis_mode') === 'sentinel' ? 'sentinel' : 'server',
    maxclients: await readMaxclients(server, info, onRefusal),
    info,
    isLocal: own ? createIsLocal(own, server.socket) : nothingIsLocal,
    own,
    server,
    read: (onRow) => server.listClients(onRow),
  };
}

/**
 * Sends a command that the server may refuse, and returns `fallback` if it does. Managed services have no CONFIG, and some
 * administrators grant no INFO.
 */
export async function withFallback<T>(
  send: () => Promise<T>,
  fallback: T,
  onRefusal: (error: HygieneError) => void,
): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const isRefusal =
      error instanceof HygieneError &&
      ['HYG_TARGET_PERMISSION', 'HYG_TARGET_REPLY', 'HYG_CLIENT_LIST_INVALID'].includes(error.code);
    if (!isRefusal) throw error;
    onRefusal(error);
    return fallback;
  }
}

const EMPTY: ReadonlyMap<string, string> = new Map();

/** Reads `maxclients`. INFO contains it since Redis 7.0, older servers have it only in CONFIG. Sentinel has no CONFIG. */
async function readMaxclients(
  server: ServerConnection,
  info: ReadonlyMap<string, string>,
  onRefusal: (error: HygieneError) => void,
): Promise<number | undefined> {
  const fromInfo = parseWholeNumber(info.get('maxclients'));
  if (fromInfo !== undefined || info.get('redis_mode') === 'sentinel') return fromInfo;
  const config = await withFallback(() => server.config('maxclients'), EMPTY, onRefusal);
  return parseWholeNumber(config.get('maxclients'));
}

function parseWholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The row of this program's own connection, which shows how the server sees the addresses of this machine. */
async function readOwnRow(server: ServerConnection): Promise<OwnRow | undefined> {
  const rows: OwnRow[] = [];
  const reader = createRowReader((row) => rows.push({ addr: row.text('addr'), laddr: row.text('laddr') }));
  // Redis before 6.2 has no CLIENT INFO. Without it only owners on this machine are not found, so a refusal is ignored.
  const readInfo = async () => {
    reader.write(Buffer.from((await callText(server, 'CLIENT', 'INFO')).trim()));
    reader.end();
  };
  await withFallback(readInfo, undefined, () => undefined);
  return rows[0];
}
