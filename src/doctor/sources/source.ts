import { HygieneError } from '../../core/errors.js';
import { type IsLocal, localityOf, nowhere, type OwnRow, splitAddr } from '../attribution/ip-address.js';
import type { RowView } from '../client-list/client-row.js';
import { createRowReader, type ReadReport } from '../client-list/row-reader.js';
import type { ServerConnection } from '../server/server-connection.js';

/** Asks what may be refused: a managed service has no CONFIG, a careful administrator grants no INFO. */
export async function optional<T>(
  ask: () => Promise<T>,
  without: T,
  onRefusal: (error: HygieneError) => void,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isRefusal =
      error instanceof HygieneError &&
      (error.code === 'HYG_TARGET_PERMISSION' || error.code === 'HYG_TARGET_REPLY');
    if (!isRefusal) throw error;
    onRefusal(error);
    return without;
  }
}

const NOTHING: ReadonlyMap<string, string> = new Map();

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Redis tells `maxclients` in INFO since 7.0, before that only in CONFIG; Sentinel never knew the latter. */
async function maxclientsOf(
  server: ServerConnection,
  info: ReadonlyMap<string, string>,
  onRefusal: (error: HygieneError) => void,
): Promise<number | undefined> {
  const told = wholeNumber(info.get('maxclients'));
  if (told !== undefined || info.get('redis_mode') === 'sentinel') return told;
  const config = await optional(() => server.config('maxclients'), NOTHING, onRefusal);
  return wholeNumber(config.get('maxclients'));
}

/** This program's own row: by it is known which addresses mean here what they mean to the server. */
async function ownRow(server: ServerConnection): Promise<OwnRow | undefined> {
  const rows: OwnRow[] = [];
  // Redis before 6.2 has no CLIENT INFO, and who may not ask it is told nothing worse than addresses.
  const text = String(
    await optional(
      () => server.call('CLIENT', 'INFO'),
      '',
      () => undefined,
    ),
  );
  const reader = createRowReader((row) => rows.push({ addr: row.text('addr'), laddr: row.text('laddr') }));
  reader.write(Buffer.from(text.trim()));
  return text === '' ? undefined : (reader.end(), rows[0]);
}

/** Looks at a server that has been opened. What it refuses to tell is left out, and said. */
export async function serverSource(
  server: ServerConnection,
  onRefusal: (error: HygieneError) => void,
): Promise<Source> {
  const info = await optional(server.info, NOTHING, onRefusal);
  const own = await ownRow(server);
  return {
    target: server.target,
    kind: info.get('redis_mode') === 'sentinel' ? 'sentinel' : 'server',
    maxclients: await maxclientsOf(server, info, onRefusal),
    info,
    isLocal: own ? localityOf(own, server.socket) : nowhere,
    serverIp: own?.laddr ? splitAddr(own.laddr).ip : undefined,
    server,
    read: (onRow) => server.clients(onRow),
  };
}

/** Where rows come from. */
export interface Source {
  /** `host:port`, the path of a unix socket, or the name of a file. */
  readonly target: string;
  readonly kind: 'server' | 'sentinel' | 'list';
  /** How many clients it takes, where that is known. */
  readonly maxclients: number | undefined;
  /** `INFO` at the first look; empty for a file, and where it may not be asked. */
  readonly info: ReadonlyMap<string, string>;
  /** Which of the addresses in its rows are of the machine that this program runs on. */
  readonly isLocal: IsLocal;
  /** The server's end of the connection, as the server tells it; nothing for a file, and before Redis 6.2. */
  readonly serverIp: string | undefined;
  /** The connection, where the source is a server. */
  readonly server: ServerConnection | undefined;
  /** Reads all rows that there are now. */
  readonly read: (onRow: (row: RowView) => void) => Promise<ReadReport>;
}
